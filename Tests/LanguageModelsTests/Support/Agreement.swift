import LanguageModels
import Records
import Testing
import Torch

/// Sampled answers beside the log-probabilities that passes over whole trees give their tokens.
struct Agreement {
  /// A prompt and what was sampled from it.
  struct Group {
    var prompt: [Int32]
    var answers: [SampledAnswer]
  }

  /// How the answers are laid out for the passes.
  enum Packing: CaseIterable {
    /// All groups in one pass.
    case together
    /// A pass for each group.
    case groups
    /// Trees of at most two answers, last first, several in a pass.
    case pairs
    /// A pass for each answer.
    case alone
  }

  let decoder: Decoder
  let temperature: Double
  let groups: [Group]
  /// What the layers made meanwhile, when it was asked for.
  let recording: Recording?

  /// Samples from a decoder; greedy log-probabilities are those of temperature 1.
  init(
    _ decoder: Decoder, _ requests: [SampleRequest], _ options: SamplerOptions, shards: Int,
    bytesToRecord: Int = 0
  ) throws {
    self.decoder = decoder
    temperature = options.temperature == 0 ? 1 : options.temperature
    let (answers, recording) = try Sampler(decoder, shards: Shards(count: shards)).sample(
      requests, options, observer: SamplingObserver(), bytesToRecord: bytesToRecord)
    groups = zip(requests, answers).map { Group(prompt: $0.prompt, answers: $1) }
    self.recording = recording
  }

  var tokens: Int { groups.reduce(0) { $0 + $1.answers.reduce(0) { $0 + $1.tokens.count } } }

  /// The passes of a packing: their trees, and for each answer its place among all of them.
  func passes(_ packing: Packing) -> [[(tree: Group, places: [Int])]] {
    var trees: [(tree: Group, places: [Int])] = []
    var place = 0
    for group in groups {
      let size = packing == .alone ? 1 : packing == .pairs ? 2 : group.answers.count
      for start in stride(from: 0, to: group.answers.count, by: size) {
        let part = start..<min(start + size, group.answers.count)
        trees.append(
          (Group(prompt: group.prompt, answers: Array(group.answers[part])), part.map { place + $0 }))
      }
      place += group.answers.count
    }
    if packing == .pairs { trees.reverse() }
    let together = packing == .together ? trees.count : packing == .pairs ? 3 : 1
    return stride(from: 0, to: trees.count, by: together).map { start in
      Array(trees[start..<min(start + together, trees.count)])
    }
  }

  /// Log-probabilities of the answers as passes over trees compute them, in the order of `groups`' answers.
  func recomputed(_ packing: Packing) throws -> [[Float]] {
    var all = [[Float]](repeating: [], count: groups.reduce(0) { $0 + $1.answers.count })
    for pass in passes(packing) {
      let values = try Self.pass(pass.map(\.tree), decoder, temperature: temperature)
      for (place, values) in zip(pass.flatMap(\.places), values) { all[place] = values }
    }
    return all
  }

  /// Tokens packed as the trainer packs them (an answer's last token predicts nothing), the rows that predict the
  /// answers' tokens, and those tokens.
  struct Packed {
    var ids: [Int32] = []
    var trees: [TreeLayout.Tree] = []
    var rows: [Int] = []
    var targets: [Int32] = []
    var layout: TreeLayout { TreeLayout(trees) }

    init(_ groups: [Group]) {
      for group in groups {
        let last = ids.count + group.prompt.count - 1
        ids += group.prompt
        var branches: [Int] = []
        for answer in group.answers {
          let own = answer.tokens.dropLast()
          rows.append(last)
          rows += own.indices.map { ids.count + $0 }
          targets += answer.tokens
          ids += own
          if !own.isEmpty { branches.append(own.count) }
        }
        trees.append(.init(prefix: group.prompt.count, branches: branches))
      }
    }
  }

  /// One pass over some groups: the log-probabilities of every answer.
  static func pass(_ groups: [Group], _ decoder: Decoder, temperature: Double) throws(TorchError) -> [[Float]]
  {
    let packed = Packed(groups)
    let values = try withoutGradients { () throws(TorchError) in
      let hidden = try decoder.hidden(packed.ids, layout: packed.layout)
      return try decoder.logProbabilities(
        hidden.rows(at: Tensor.integers(packed.rows)), targets: packed.targets, temperature: temperature
      ).logProbabilities.floats()
    }
    var start = 0
    return groups.flatMap(\.answers).map { answer in
      defer { start += answer.tokens.count }
      return Array(values[start..<start + answer.tokens.count])
    }
  }

  /// Differences of the sampler's log-probabilities, log-mass added, from a pass.
  func differences(_ packing: Packing) throws -> [Float] {
    try zip(groups.flatMap(\.answers), recomputed(packing)).flatMap { answer, expected in
      answer.tokens.indices.map {
        abs(answer.logProbabilities[$0] + answer.logMasses[$0] - expected[$0])
      }
    }
  }

  /// Expects every token's log-probability to have the bits of every pass; returns how many tokens there were.
  @discardableResult
  func expectEqualBits(
    _ packings: [Packing] = Packing.allCases, _ comment: Comment? = nil,
    location: SourceLocation = #_sourceLocation
  ) throws -> Int {
    for packing in packings {
      let found = try recomputed(packing)
      var different = 0
      var largest: Float = 0
      for (answer, expected) in zip(groups.flatMap(\.answers), found) {
        for (a, b) in zip(answer.logProbabilities, expected) where a.bitPattern != b.bitPattern {
          different += 1
          largest = max(largest, abs(a - b))
        }
      }
      #expect(
        different == 0,
        "\(packing): \(different) of \(tokens) tokens differ, by up to \(largest); \(comment?.rawValue ?? "")",
        sourceLocation: location)
    }
    if temperature == 1, packings.count == Packing.allCases.count {
      for group in groups {
        for answer in group.answers {
          let scores = try decoder.score(group.prompt + answer.tokens)
          #expect(
            Array(scores.suffix(answer.tokens.count)) == answer.logProbabilities, comment,
            sourceLocation: location)
        }
      }
    }
    return tokens
  }
}
