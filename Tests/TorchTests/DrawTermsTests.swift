import Foundation
import Records
import Testing
import Torch

/// Draws whose logits are adjusted, masked and reported, against plain arithmetic.
struct DrawTermsTests {
  /// Rows of hidden states, a head, and the logits that they make when nothing changes them.
  struct Subject {
    let hidden: Tensor
    let head: Head
    let logits: [[Float]]
    var vocabulary: Int { head.weight.shape[0] }

    init(_ dtype: DType, rows: Int, vocabulary: Int, seed: UInt64) throws {
      var random = SplitMix64(seed: seed)
      head = try Head.all(of: Tensor.random([vocabulary, 16], dtype, &random))
      // Distributions from sharp to flat.
      let values = (0..<rows).flatMap { row in
        (0..<16).map { _ in Float.random(in: -2...2, using: &random) / Float(1 + row % 4) }
      }
      hidden = try Tensor.floats(values, [rows, 16], dtype)
      let all = try Products.logits(hidden, head).floats()
      logits = (0..<rows).map { Array(all[$0 * vocabulary..<($0 + 1) * vocabulary]) }
    }

    func sample(_ draws: [Draw], _ terms: [DrawTerms]) throws -> (drawn: [Drawn], likely: [[LikelyToken]]) {
      var drawn = [Drawn](repeating: Drawn(), count: draws.count)
      let likely = try hidden.sample(
        head, draws: draws, terms: terms, logits: Tensor.empty([draws.count, vocabulary], .float32),
        into: &drawn)
      return (drawn, likely)
    }
  }

  /// What a case has, drawn from a seed.
  struct Wishes: Sendable, CustomStringConvertible {
    var adjusts = false
    var masks = false
    var likely = 0
    static let all = [
      Wishes(adjusts: true), Wishes(masks: true), Wishes(likely: 20), Wishes(adjusts: true, masks: true),
      Wishes(adjusts: true, masks: true, likely: 64), Wishes(masks: true, likely: 5),
    ]
    var description: String { "adjusts \(adjusts), masks \(masks), likely \(likely)" }

    func terms(_ vocabulary: Int, _ random: inout SplitMix64) -> DrawTerms {
      var terms = DrawTerms(likelyCount: likely)
      if adjusts {
        let share = Double.random(in: 0...0.2, using: &random)
        for token in 0..<vocabulary where Double.random(in: 0..<1, using: &random) < share {
          terms.adjustments.append(
            LogitAdjustment(
              token: Int32(token), factor: Float.random(in: 0.5...2, using: &random),
              value: Float.random(in: -3...3, using: &random)))
        }
      }
      if masks {
        let shares: [Double] = [0.002, 0.1, 0.9]
        let share = shares[Int.random(in: 0..<3, using: &random)]
        // Whole blocks of 512 are without any at times.
        let tokens = (0..<vocabulary).filter {
          Double.random(in: 0..<1, using: &random) < share && (share > 0.5 || $0 / 512 % 2 == 1)
        }
        terms.allowed = DrawTerms.mask(
          tokens + [Int.random(in: 0..<vocabulary, using: &random)], vocabulary: vocabulary)
      }
      return terms
    }
  }

  static let filters: [DrawReference.Filters] = [
    .init(), .init(topK: 7), .init(topP: 0.83), .init(minP: 0.031), .init(topK: 40, topP: 0.9, minP: 0.003),
  ]

  @Test(arguments: Wishes.all, [DType.float32, .bfloat16])
  func `draws, log-probabilities, masses and likely tokens are those of plain arithmetic`(
    wishes: Wishes, dtype: DType
  ) throws {
    let rows = 24
    for vocabulary in [40, 1537] {
      let subject = try Subject(dtype, rows: rows, vocabulary: vocabulary, seed: UInt64(vocabulary))
      var random = SplitMix64(seed: 9)
      for filters in Self.filters {
        for temperature in [1, 0.6, 2.3, 0] {
          let terms = (0..<rows).map { _ in wishes.terms(vocabulary, &random) }
          let uniforms = (0..<rows).map { _ in Double.random(in: 0..<1, using: &random) }
          let (drawn, likely) = try subject.sample(
            uniforms.map {
              Draw(
                temperature: temperature, topP: filters.topP, minP: filters.minP, topK: filters.topK,
                uniform: $0)
            }, terms)
          for row in 0..<rows where !terms[row].isPlain {
            let expected = DrawReference(
              subject.logits[row], terms[row], temperature: temperature, filters: filters)
            let comment = Comment("row \(row), temperature \(temperature), \(filters), \(vocabulary) tokens")
            let token = Int(drawn[row].token)
            let probability = expected.probabilities[token]
            #expect(probability > 0, comment)
            #expect(abs(Double(drawn[row].logProbability) - log(probability)) < 3e-5, comment)
            if temperature == 0 {
              #expect(probability >= (expected.probabilities.max() ?? 1) * (1 - 1e-6), comment)
              #expect(drawn[row].logMass == 0)
            } else {
              #expect(abs(Double(drawn[row].logMass) - expected.logMass) < 3e-5, comment)
              let below = expected.probabilities[..<token].reduce(0, +)
              #expect(below - 1e-5 <= uniforms[row] && uniforms[row] <= below + probability + 1e-5, comment)
            }
            let wanted = expected.likely(wishes.likely)
            #expect(likely[row].map { Int($0.token) } == wanted, comment)
            for one in likely[row] {
              let probability = expected.probabilities[Int(one.token)]
              #expect(abs(Double(one.logProbability) - log(probability)) < 3e-5, comment)
            }
          }
        }
      }
    }
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `a token that is not allowed is never drawn`(dtype: DType) throws {
    let (rows, vocabulary) = (30, 1100)
    let subject = try Subject(dtype, rows: rows, vocabulary: vocabulary, seed: 2)
    var random = SplitMix64(seed: 3)
    var draws = 0
    for round in 0..<200 {
      // From one token to half of them, the most likely ones left out.
      let terms = (0..<rows).map { row -> DrawTerms in
        let order = subject.logits[row].indices.sorted { subject.logits[row][$0] > subject.logits[row][$1] }
        let count = [1, 2, 40, 550][Int.random(in: 0..<4, using: &random)]
        let tokens = order.dropFirst(1 + round).shuffled(using: &random).prefix(count)
        // A bias cannot bring one back.
        return DrawTerms(
          adjustments: [LogitAdjustment(token: Int32(order[0]), value: 100)],
          allowed: DrawTerms.mask(tokens, vocabulary: vocabulary), likelyCount: round % 9)
      }
      let temperatures: [Double] = [0, 0.01, 1, 50]
      let temperature = temperatures[Int.random(in: 0..<4, using: &random)]
      let uniforms: [Double] = [0, 1.0.nextDown, Double.random(in: 0..<1, using: &random)]
      let (topP, minP): ([Double], [Double]) = ([1, 0.9, 1e-6], [0, 0.2])
      let (drawn, likely) = try subject.sample(
        (0..<rows).map {
          Draw(
            temperature: temperature, topP: topP[round % 3], minP: minP[round % 2],
            topK: round / 2 % 2 * 3, uniform: uniforms[$0 % 3])
        }, terms)
      for row in 0..<rows {
        let allowed = try #require(terms[row].allowed)
        for token in [drawn[row].token] + likely[row].map(\.token) {
          #expect(allowed[Int(token) / 32] >> UInt32(token % 32) & 1 == 1, "round \(round), row \(row)")
        }
        // At temperature 0.01 scores of some hundreds lose digits.
        #expect(drawn[row].logProbability.isFinite && drawn[row].logProbability <= 1e-3)
        draws += 1
      }
    }
    #expect(draws == 6000)
  }

  @Test func `hand-worked terms`() throws {
    // Logits ln 1 + 3 to ln 4 + 3.
    let logits = try Logits([1, 2, 3, 4].map { log($0) + 3 })
    func sample(_ terms: DrawTerms, _ draw: Draw = Draw(temperature: 1, uniform: 0)) throws -> (
      Drawn, [LikelyToken]
    ) {
      var drawn = [Drawn()]
      let likely = try logits.hidden.sample(
        logits.head, draws: [draw], terms: [terms], logits: Tensor.empty([1, 4], .float32), into: &drawn)
      return (drawn[0], likely.first ?? [])
    }
    func expect(_ likely: [LikelyToken], _ expected: [(Int32, Double)]) {
      #expect(likely.map(\.token) == expected.map(\.0))
      for (one, (_, probability)) in zip(likely, expected) {
        #expect(abs(Double(one.logProbability) - log(probability)) < 1e-6)
      }
    }
    expect(try sample(DrawTerms(likelyCount: 2)).1, [(3, 0.4), (2, 0.3)])
    // A value of ln 8 makes the first one eight times as likely.
    let doubled = DrawTerms(
      adjustments: [LogitAdjustment(token: 0, value: log(8))], likelyCount: 64)
    expect(try sample(doubled).1, [(0, 8 / 17), (3, 4 / 17), (2, 3 / 17), (1, 2 / 17)])
    // Divided by 1.5 a logit of ln 4 + 3 is smaller by a third of itself.
    let repeated = DrawTerms(
      adjustments: [LogitAdjustment(token: 3, factor: 1.5)], likelyCount: 4)
    let weight = exp((log(4.0) + 3) / 1.5 - 3)
    expect(
      try sample(repeated).1,
      [(2, 3 / (6 + weight)), (1, 2 / (6 + weight)), (0, 1 / (6 + weight)), (3, weight / (6 + weight))])
    // Two are allowed; the filter leaves the likelier one.
    let masked = DrawTerms(allowed: [0b0110], likelyCount: 4)
    expect(try sample(masked).1, [(2, 0.6), (1, 0.4)])
    let (drawn, likely) = try sample(masked, Draw(temperature: 1, topK: 1, uniform: 0))
    #expect(drawn.token == 2 && drawn.logProbability == 0)
    #expect(abs(drawn.logMass - log(0.6)) < 1e-6)
    expect(likely, [(2, 1)])
    // Greedy reports what temperature 1 would.
    expect(try sample(masked, Draw(temperature: 0, topK: 1, uniform: 0)).1, [(2, 0.6), (1, 0.4)])
    // Bits behind the vocabulary mean nothing.
    expect(try sample(DrawTerms(allowed: [0xFFFF_FFF1], likelyCount: 4)).1, [(0, 1)])
    // A negative logit is multiplied.
    let negative = try Logits([-1, -2, -3, -4])
    var one = [Drawn()]
    try negative.hidden.sample(
      negative.head, draws: [Draw(temperature: 0, uniform: 0)],
      terms: [DrawTerms(adjustments: [LogitAdjustment(token: 0, factor: 2.5)])],
      logits: Tensor.empty([1, 4], .float32), into: &one)
    #expect(one[0].token == 1)
  }

  @Test func `of equal tokens the first are reported`() throws {
    let logits = try Logits([Float](repeating: 2, count: 1300))
    var drawn = [Drawn()]
    for draw in [Draw(temperature: 1, uniform: 0.5), Draw(temperature: 1, topK: 900, uniform: 0.5)] {
      let likely = try logits.hidden.sample(
        logits.head, draws: [draw], terms: [DrawTerms(likelyCount: 30)],
        logits: Tensor.empty([1, 1300], .float32), into: &drawn)
      #expect(likely[0].map(\.token) == Array(0..<30))
    }
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `rows without terms keep their bits beside rows that have some`(dtype: DType) throws {
    let (rows, vocabulary) = (17, 1030)
    let subject = try Subject(dtype, rows: rows, vocabulary: vocabulary, seed: 4)
    var random = SplitMix64(seed: 5)
    let draws = (0..<rows).map { row in
      Draw(
        temperature: Double(row % 3) / 2, topP: row % 2 == 0 ? 1 : 0.9,
        uniform: Double.random(in: 0..<1, using: &random))
    }
    let (plain, none) = try subject.sample(draws, [])
    #expect(none.isEmpty)
    let wishes = Wishes(adjusts: true, masks: true, likely: 3)
    let terms = (0..<rows).map { $0 % 3 == 1 ? wishes.terms(vocabulary, &random) : DrawTerms() }
    let (mixed, likely) = try subject.sample(draws, terms)
    for row in 0..<rows where row % 3 != 1 {
      #expect(mixed[row].token == plain[row].token)
      #expect(mixed[row].logProbability == plain[row].logProbability)
      #expect(mixed[row].logMass == plain[row].logMass)
      #expect(likely[row].isEmpty)
    }
    // An adjustment that changes nothing, and a mask that allows all.
    let idle = DrawTerms(
      adjustments: [LogitAdjustment(token: 3), LogitAdjustment(token: 600)],
      allowed: DrawTerms.mask(0..<vocabulary, vocabulary: vocabulary))
    let (same, _) = try subject.sample(draws, [DrawTerms](repeating: idle, count: rows))
    #expect(same.map(\.token) == plain.map(\.token))
    #expect(same.map(\.logProbability) == plain.map(\.logProbability))
  }

  @Test func `terms that cannot be applied are errors that name the row`() throws {
    let subject = try Subject(.float32, rows: 3, vocabulary: 40, seed: 6)
    let cases: [(DrawTerms, String)] = [
      (DrawTerms(allowed: [0, 0]), "allows no token"),
      (DrawTerms(allowed: [0, 0xFFFF_FF00]), "allows no token"),
      (DrawTerms(adjustments: [.init(token: 40, value: 1)]), "vocabulary of 40"),
      (DrawTerms(adjustments: [.init(token: -1, value: 1)]), "vocabulary of 40"),
      (DrawTerms(adjustments: [.init(token: 4), .init(token: 4)]), "each once"),
      (DrawTerms(adjustments: [.init(token: 4), .init(token: 3)]), "in order"),
      (DrawTerms(adjustments: [.init(token: 4, factor: 0)]), "above 0"),
      (DrawTerms(adjustments: [.init(token: 4, factor: -1)]), "above 0"),
      (DrawTerms(adjustments: [.init(token: 4, value: -.infinity)]), "finite"),
      (DrawTerms(adjustments: [.init(token: 4, factor: .nan)]), "finite"),
    ]
    for (terms, words) in cases {
      let error = #expect(throws: TorchError.self) {
        try subject.sample(
          [Draw](repeating: Draw(temperature: 0, uniform: 0), count: 3), [DrawTerms(), terms, DrawTerms()])
      }
      #expect(error?.kind == .value)
      #expect(error?.message.contains("row 1 ") == true && error?.message.contains(words) == true, "\(words)")
    }
    for count in [65, -1] {
      let many = #expect(throws: TorchError.self) {
        try subject.sample(
          [Draw](repeating: Draw(temperature: 0, uniform: 0), count: 3),
          [DrawTerms](repeating: DrawTerms(likelyCount: count), count: 3))
      }
      #expect(many?.message.contains("at most 64") == true)
    }
  }

  // MARK: scores of given tokens

  @Test(arguments: [2, 16, 513, 1537], [DType.float32, .bfloat16])
  func `scores have training's bits, and the likely tokens those of the sampler`(
    vocabulary: Int, dtype: DType
  ) throws {
    let rows = 150
    let subject = try Subject(dtype, rows: rows, vocabulary: vocabulary, seed: 7)
    var random = SplitMix64(seed: 8)
    let targets = (0..<rows).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &random) }
    let trained = try subject.hidden.headLogProbabilities(
      subject.head, targets: Tensor.integers(targets.map(Int.init)), temperature: 1
    ).logProbabilities.floats()
    let (_, likely) = try subject.sample(
      [Draw](repeating: Draw(temperature: 1, uniform: 0.5), count: rows),
      [DrawTerms](repeating: DrawTerms(likelyCount: 20), count: rows))
    let scores = try subject.hidden.scores(subject.head, targets: targets, likelyCount: 20)
    #expect(scores.map(\.logProbability) == trained)
    #expect(scores.map(\.likely) == likely)
    #expect(scores.allSatisfy { $0.likely.count == min(20, vocabulary) })
    let some = try subject.hidden.scores(subject.head, targets: Array(targets.prefix(7)), likelyCount: 0)
    #expect(some.map(\.logProbability) == Array(trained.prefix(7)))
    #expect(some.allSatisfy { $0.likely.isEmpty })
    let none = try subject.hidden.scores(subject.head, targets: [], likelyCount: 3)
    #expect(none.isEmpty)
  }

  @Test func `scores that cannot be made are errors`() throws {
    let subject = try Subject(.float32, rows: 2, vocabulary: 40, seed: 9)
    let cases: [([Int32], Int, TorchError.Kind, String)] = [
      ([0, 40], 0, .index, "target 40"), ([-1], 0, .index, "target -1"), ([0, 0, 0], 0, .other, "3 targets"),
      ([0], 65, .value, "at most 64"),
    ]
    for (targets, likely, kind, words) in cases {
      let error = #expect(throws: TorchError.self) {
        _ = try subject.hidden.scores(subject.head, targets: targets, likelyCount: likely)
      }
      #expect(error?.kind == kind)
      #expect(error?.message.contains(words) == true, "\(words)")
    }
    let broken = try Logits([0, .nan])
    let diverged = #expect(throws: TorchError.self) {
      _ = try broken.hidden.scores(broken.head, targets: [0], likelyCount: 1)
    }
    #expect(diverged?.message.contains("not finite") == true)
  }
}
