import LanguageModels
import Records
import Testing
import Torch

/// What the sampler keeps for an update: the very numbers that a pass over the same tokens would make.
struct RecordingTests {
  /// Expects what a recording gives for a pass to have the bits of what the pass makes.
  func expectBits(
    _ recording: Recording, _ packed: Agreement.Packed, _ decoder: Decoder, _ comment: Comment
  ) throws {
    var made: [LayerActivations] = []
    _ = try withoutGradients { () throws(TorchError) in
      try decoder.hidden(packed.ids, layout: packed.layout, keep: { made.append($0) })
    }
    let recorded = try #require(try recording.activations(of: packed.ids, layout: packed.layout), comment)
    try #require(recorded.count == made.count)
    for (layer, (ours, theirs)) in zip(recorded, made).enumerated() {
      for step in LayerStep.allCases {
        let (a, b) = (try #require(ours[step]), try #require(theirs[step]))
        #expect(a.result.shape == b.result.shape)
        #expect(try a.result.floats() == b.result.floats(), "\(comment), layer \(layer), \(step)")
        #expect((a.aside == nil) == (b.aside == nil), "\(comment), layer \(layer), \(step)")
        if let a = a.aside, let b = b.aside {
          #expect(a.shape == b.shape)
          #expect(try a.floats() == b.floats(), "\(comment), layer \(layer), beside \(step)")
        }
      }
    }
  }

  @Test(arguments: Architecture.allCases, [DType.float32, .bfloat16])
  func `a recording has the bits of the passes, over any rows, shards and packings`(
    family: Architecture, dtype: DType
  ) throws {
    let model = try TinyModel(family)
    for (adapted, shards, maxRows) in [(false, 2, 64), (true, 1, 5), (true, 3, 64)] {
      var decoder = try model.decoder(dtype)
      if adapted {
        let adapter = try LowRankAdapter(
          LoRAPlan(rank: 3, alpha: 6, targets: [.q, .v, .o, .up, .down]),
          configuration: decoder.configuration,
          seed: 1, dtype: dtype)
        try decoder.adopt(adapter)
        try adapter.fillB()
        for layer in 0..<model.configuration.layers { try decoder.refreshAdapter(layer: layer) }
      }
      let requests = ExactnessTests.requests(model)
      let options = ExactnessTests.options(70, maxRows: maxRows)
      let agreement = try Agreement(decoder, requests, options, shards: shards, bytesToRecord: .max)
      let silent = try Agreement(decoder, requests, options, shards: shards)
      #expect(silent.recording == nil)
      #expect(silent.groups.map(\.answers) == agreement.groups.map(\.answers))
      let recording = try #require(agreement.recording)
      for packing in [Agreement.Packing.together, .pairs] {
        for pass in agreement.passes(packing) {
          try expectBits(
            recording, Agreement.Packed(pass.map(\.tree)), decoder,
            "\(packing), adapted: \(adapted), \(shards) shards")
        }
      }
    }
  }

  @Test func `sequences that were not sampled are not found`() throws {
    let model = try TinyModel()
    let decoder = try model.decoder()
    let agreement = try Agreement(
      decoder, ExactnessTests.requests(model), ExactnessTests.options(20, stops: []), shards: 2,
      bytesToRecord: .max)
    let recording = try #require(agreement.recording)
    let group = agreement.groups[0]
    let tokens = Array(group.answers[0].tokens.dropLast())
    func find(_ prompt: [Int32], _ branches: [[Int32]]) throws -> Bool {
      let layout = TreeLayout([.init(prefix: prompt.count, branches: branches.map(\.count))])
      return try recording.activations(of: prompt + branches.joined(), layout: layout) != nil
    }
    #expect(try find(group.prompt, [tokens]))
    #expect(try find(group.prompt, []))
    #expect(try find(group.prompt, [tokens, tokens]))
    // The last token of an answer is never fed.
    #expect(try !find(group.prompt, [group.answers[0].tokens]))
    #expect(try !find(group.prompt, [Array(tokens.dropLast())]))
    #expect(try !find(group.prompt, [tokens, [tokens[0] ^ 1] + tokens.dropFirst()]))
    #expect(try !find(group.prompt + tokens, []))
    #expect(try !find(agreement.groups[1].prompt, [tokens]))
    #expect(try !find([1, 2, 3, 4], []))
  }

  @Test func `answers of one token leave nothing behind their prompt`() throws {
    let model = try TinyModel()
    let decoder = try model.decoder(.bfloat16)
    let agreement = try Agreement(
      decoder, ExactnessTests.requests(model), ExactnessTests.options(1), shards: 2, bytesToRecord: .max)
    let packed = Agreement.Packed(agreement.groups)
    #expect(packed.layout.trees.allSatisfy { $0.branches.isEmpty })
    try expectBits(#require(agreement.recording), packed, decoder, "one token")
  }

  @Test func `nothing is recorded beyond the memory it may take, nor without exactness`() throws {
    let model = try TinyModel()
    let decoder = try model.decoder()
    let requests = ExactnessTests.requests(model)
    let tokens = requests.reduce(0) { $0 + $1.prompt.count + $1.streams.count * 20 }
    let needed = decoder.bytesToRecord(tokens: tokens)
    // float32, three layers: qkv 64, attention 32, output 32, gate and up 96, down 32, and 4 sums a token.
    #expect(needed == tokens * 3 * 4 * (64 + 32 + 32 + 96 + 32 + 4))
    for (bytes, isRecorded) in [(needed, true), (needed - 1, false), (0, false)] {
      let agreement = try Agreement(
        decoder, requests, ExactnessTests.options(20), shards: 1, bytesToRecord: bytes)
      #expect((agreement.recording != nil) == isRecorded)
    }
    let library = try ModelLoader(huggingFace: model.folder).decoder(.float32, positions: 512, exact: false)
    let agreement = try Agreement(
      library, requests, ExactnessTests.options(20), shards: 1, bytesToRecord: .max)
    #expect(agreement.recording == nil)
  }
}
