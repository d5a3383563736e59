import Foundation
import LanguageModels
import Records
import Testing
import Torch

/// Steps of a server's batch: rows of several adapters, prompts read in parts, rows that draw nothing. Each row gets the
/// bits that it would get alone.
struct BatchStepTests {
  let model: TinyModel

  init() throws { model = try TinyModel(.qwen3) }

  /// A text on its way through a batch.
  struct Reader {
    var text: [Int32]
    var sequence: SequenceCache
    var adapter: ServedAdapter?
    /// Hidden states of all positions so far.
    var hidden: [[UInt32]] = []

    init(_ decoder: Decoder, _ space: DecodingSpace, _ text: [Int32], adapter: ServedAdapter? = nil) throws {
      self.text = text
      self.adapter = adapter
      sequence = try SequenceCache(
        space.attention, layers: decoder.configuration.layers, positions: 8, dtype: decoder.dtype)
    }

    var left: Int { text.count - sequence.count }
  }

  /// One step: so many tokens of every reader, which are grouped by adapter as they come.
  func step(_ space: DecodingSpace, _ readers: inout [Reader], counts: [Int]) throws {
    var rows = CacheRows()
    var (ids, positions): ([Int32], [Int64]) = ([], [])
    var groups: [AdapterGroup] = []
    for (index, count) in counts.enumerated() where count > 0 {
      let limit = readers[index].text.count
      try readers[index].sequence.makeRoom(for: count, attention: space.attention, limit: limit)
      let sequence = readers[index].sequence
      for ahead in 0..<count {
        rows.append(sequence, ahead: ahead)
        ids.append(readers[index].text[sequence.count + ahead])
        positions.append(Int64(sequence.count + ahead))
      }
      groups.append(AdapterGroup(readers[index].adapter, rows: count))
    }
    var drawn: [Drawn] = []
    let likely = try withoutGradients { () throws(TorchError) in
      try space.next(ids, positions: positions, rows: rows, groups: groups, draws: [], into: &drawn)
    }
    #expect(likely.isEmpty)
    var start = 0
    for (index, count) in counts.enumerated() {
      for row in start..<start + count {
        readers[index].hidden.append(try space.hidden(row..<row + 1).floats().map(\.bitPattern))
      }
      start += count
      readers[index].sequence.advance(by: count)
    }
  }

  /// Hidden states of a text's positions from a pass over all of it.
  func pass(_ decoder: Decoder, _ text: [Int32]) throws -> [[UInt32]] {
    try withoutGradients { () throws(TorchError) in
      let hidden = try decoder.hidden(text, layout: TreeLayout([.init(prefix: text.count)])).floats()
      let width = decoder.configuration.hidden
      return text.indices.map { hidden[$0 * width..<($0 + 1) * width].map(\.bitPattern) }
    }
  }

  func adapter(_ plan: LoRAPlan, _ decoder: Decoder, seed: UInt64) throws -> LowRankAdapter {
    let adapter = try LowRankAdapter(
      plan, configuration: decoder.configuration, seed: seed, dtype: decoder.dtype)
    try adapter.fillB(0.1 + Float(seed) / 50)
    return adapter
  }

  @Test(arguments: Architecture.allCases, [DType.float32, .bfloat16])
  func `a prompt read in parts has the hidden states of a pass over it`(family: Architecture, dtype: DType)
    throws
  {
    let model = try TinyModel(family)
    let decoder = try model.decoder(dtype)
    let text = model.text(100, seed: 4)
    let expected = try pass(decoder, text)
    let space = try DecodingSpace(decoder, rows: 40, drawing: 2)
    for chunk in [1, 7, 16, 33] {
      var readers = [try Reader(decoder, space, text)]
      while readers[0].left > 0 { try step(space, &readers, counts: [min(chunk, readers[0].left)]) }
      #expect(readers[0].hidden == expected, "\(family), chunks of \(chunk)")
      // Behind the beginning of this one, and behind a prefix that a pass has filled.
      let cache = try KeyValueCache(
        space.attention, layers: decoder.configuration.layers, positions: 48, dtype: dtype)
      _ = try withoutGradients { () throws(TorchError) in
        try decoder.hidden(Array(text[..<48]), layout: TreeLayout([.init(prefix: 48)]), caches: [cache])
      }
      for prefix in [try readers[0].sequence.leading(64, attention: space.attention), cache] {
        var later = [try Reader(decoder, space, text)]
        let length = prefix.capacity
        later[0].sequence = try SequenceCache(
          prefix, length: length, attention: space.attention, positions: 1)
        while later[0].left > 0 { try step(space, &later, counts: [min(chunk, later[0].left)]) }
        #expect(later[0].hidden == Array(expected[length...]), "\(family), chunks of \(chunk)")
      }
    }
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `rows of many adapters have the bits of decoders that have adopted them`(dtype: DType) throws {
    let base = try model.decoder(dtype)
    let plans: [LoRAPlan?] = [
      LoRAPlan(rank: 4, alpha: 8), nil, LoRAPlan(rank: 17, alpha: 17, targets: [.q, .v, .down]),
      LoRAPlan(rank: 3, alpha: 5, targets: [.k, .o, .up]), LoRAPlan(rank: 4, alpha: 8),
      LoRAPlan(rank: 32, alpha: 4, targets: [.gate]),
    ]
    let space = try DecodingSpace(base, rows: 64, drawing: 1)
    var readers: [Reader] = []
    var expected: [[[UInt32]]] = []
    for (index, plan) in plans.enumerated() {
      let text = model.text(60, seed: UInt64(index))
      var twin = try model.decoder(dtype)
      var served: ServedAdapter?
      if let plan {
        let adapter = try adapter(plan, base, seed: UInt64(index))
        served = try ServedAdapter(adapter, beside: base)
        try twin.adopt(adapter)
      }
      readers.append(try Reader(base, space, text, adapter: served))
      expected.append(try pass(twin, text))
      #expect(try (expected[index] == pass(base, text)) == (plan == nil))
    }
    var random = SplitMix64(seed: 5)
    while readers.contains(where: { $0.left > 0 }) {
      try step(
        space, &readers,
        counts: readers.map { min($0.left, Int.random(in: 0...10, using: &random)) })
    }
    for (reader, expected) in zip(readers, expected) { #expect(reader.hidden == expected) }
  }

  /// The kernels of machines without AVX-512 BF16; the variable is read at the first product of a process.
  @Test(arguments: [false, true])
  func `portable kernels give rows of many adapters and prompts in parts the same bits as well`(isHalf: Bool)
    async
  {
    await #expect(processExitsWith: .success) { [isHalf = isHalf as Bool] in
      setenv("OPERANT_PORTABLE_KERNELS", "1", 1)
      let dtype = isHalf ? DType.bfloat16 : .float32
      let tests = try BatchStepTests()
      try tests.`rows of many adapters have the bits of decoders that have adopted them`(dtype: dtype)
      try tests.`a prompt read in parts has the hidden states of a pass over it`(family: .llama, dtype: dtype)
    }
  }

  @Test func `without exactness rows of many adapters come close`() throws {
    let base = try ModelLoader(huggingFace: model.folder).decoder(.float32, positions: 512, exact: false)
    let space = try DecodingSpace(base, rows: 64)
    var readers: [Reader] = []
    var expected: [[[UInt32]]] = []
    for index in 0..<3 {
      let text = model.text(30, seed: UInt64(index))
      let adapter = try adapter(LoRAPlan(rank: 3 + index, alpha: 6), base, seed: UInt64(index))
      var twin = base
      try twin.adopt(adapter)
      readers.append(
        try Reader(base, space, text, adapter: index == 2 ? nil : ServedAdapter(adapter, beside: base)))
      expected.append(try pass(index == 2 ? base : twin, text))
    }
    for _ in 0..<10 { try step(space, &readers, counts: [3, 3, 3]) }
    for (reader, expected) in zip(readers, expected) {
      for (found, wanted) in zip(reader.hidden.joined(), expected.joined()) {
        #expect(abs(Float(bitPattern: found) - Float(bitPattern: wanted)) < 1e-3)
      }
    }
  }

  @Test func `an adapter's memory is counted`() throws {
    let base = try model.decoder(.bfloat16)
    let served = try Self.servedAdapter(beside: base)
    let (layers, hidden, value) = (3, 32, 2 * 12)
    // Outputs of v do not begin with a panel of 16: b's panels cover all outputs of q, k and v.
    let outputs = (4 + 2 + 2) * 12
    #expect(served.bytes == layers * 2 * (16 * hidden + 16 * value + 16 * hidden + 16 * outputs))
  }

  /// In a process of its own, as tensors are counted for all of one.
  @Test func `an adapter's memory is let go with it`() async {
    await #expect(processExitsWith: .success) {
      let base = try BatchStepTests().model.decoder(.bfloat16)
      let before = Tensor.liveCount
      do {
        let served = try BatchStepTests.servedAdapter(beside: base)
        precondition(served.bytes > 0 && Tensor.liveCount > before, "an adapter has tensors")
      }
      exit(Tensor.liveCount == before ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }

  private static func servedAdapter(beside base: Decoder) throws -> ServedAdapter {
    let adapter = try LowRankAdapter(
      LoRAPlan(rank: 16, alpha: 4, targets: [.v]), configuration: base.configuration, seed: 1,
      dtype: .bfloat16)
    return try ServedAdapter(adapter, beside: base)
  }

  @Test func `only the first rows draw, and what they draw is what they would draw alone`() throws {
    let decoder = try model.decoder(.bfloat16)
    let space = try DecodingSpace(decoder, rows: 50, drawing: 3)
    let texts = (0..<3).map { model.text(20 + $0, seed: UInt64($0)) }
    let draws = [0.2, 0.9].map { Draw(temperature: 1, uniform: $0) }
    let terms = [DrawTerms(likelyCount: 4), DrawTerms()]
    func start(_ text: [Int32]) throws -> Reader {
      var readers = [try Reader(decoder, space, text)]
      try step(space, &readers, counts: [text.count - 1])
      return readers[0]
    }
    /// The last tokens of some readers, then `others` tokens of one more.
    func draw(_ readers: [Reader], _ draws: [Draw], _ terms: [DrawTerms], others: Int) throws -> (
      [Drawn], [[LikelyToken]]
    ) {
      var rows = CacheRows()
      var (ids, positions): ([Int32], [Int64]) = ([], [])
      for reader in readers {
        rows.append(reader.sequence)
        ids.append(reader.text[reader.sequence.count])
        positions.append(Int64(reader.sequence.count))
      }
      var other = try Reader(decoder, space, model.text(40, seed: 9))
      try other.sequence.makeRoom(for: 40, attention: space.attention, limit: 40)
      for ahead in 0..<others {
        rows.append(other.sequence, ahead: ahead)
        ids.append(other.text[ahead])
        positions.append(Int64(ahead))
      }
      var drawn = [Drawn](repeating: Drawn(), count: draws.count)
      let likely = try withoutGradients { () throws(TorchError) in
        try space.next(ids, positions: positions, rows: rows, draws: draws, terms: terms, into: &drawn)
      }
      return (drawn, likely)
    }
    let readers = try texts.prefix(2).map { try start($0) }
    let (together, likely) = try draw(readers, draws, terms, others: 40)
    #expect(likely.map(\.count) == [4, 0])
    for index in 0..<2 {
      let (alone, beside) = try draw([readers[index]], [draws[index]], [terms[index]], others: 0)
      #expect(alone[0].token == together[index].token)
      #expect(alone[0].logProbability == together[index].logProbability)
      #expect((beside.first ?? []) == likely[index])
    }
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `scores of a prompt that was read in parts are those of a pass`(dtype: DType) throws {
    let decoder = try model.decoder(dtype)
    let text = model.text(90, seed: 2)
    let expected = try decoder.score(text)
    let space = try DecodingSpace(decoder, rows: 40, drawing: 1)
    var readers = [try Reader(decoder, space, text)]
    var found: [Float] = []
    while readers[0].left > 1 {
      let start = readers[0].sequence.count
      let count = min(31, readers[0].left - 1)
      try step(space, &readers, counts: [count])
      let scores = try withoutGradients { () throws(TorchError) in
        try decoder.scores(
          space.hidden(0..<count), targets: Array(text[start + 1...start + count]), likelyCount: 5)
      }
      found += scores.map(\.logProbability)
      for score in scores {
        #expect(score.likely.count == 5)
        #expect(score.likely[0].logProbability >= score.logProbability)
        #expect(
          zip(score.likely, score.likely.dropFirst()).allSatisfy { $0.logProbability >= $1.logProbability })
      }
    }
    #expect(found == expected)
  }
}
