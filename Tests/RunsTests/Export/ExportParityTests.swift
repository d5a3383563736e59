import Checkpoints
import Foundation
import LanguageModels
import OperantTesting
import Records
import Testing
import Tokenization
import Torch

@testable import Runs

/// Exports loaded with transformers and PEFT: the same log-probabilities, ids and prompts as here.
@Suite(
  // Without the Python environment there is nothing to compare with; the message says how to make it.
  .enabled(if: ParityFixture.missing == nil, "\(ParityFixture.missing ?? "")"), .serialized)
struct ExportParityTests {
  /// What exports.py is asked; its documentation explains the members.
  struct Request: Encodable {
    struct Model: Encodable {
      var name: String
      var base: String?
      var gguf: String?
      var peft: String
      var merged: String
      var half: String
      var ids: [[Int32]]
    }
    struct Message: Encodable {
      var role: String
      var content: String
    }
    struct Tokenizer: Encodable {
      var name: String
      var folder: String
      var strings: [String]
      var conversations: [[Message]]
    }
    var models: [Model] = []
    var tokenizers: [Tokenizer] = []
  }

  struct Report: Decodable {
    struct Card: Decodable {
      var baseModel: String
      var libraryName: String
      var license: String?
      var relation: String
      var tags: [String]
      var metrics: [String: Double]
    }
    struct Model: Decodable {
      var name: String
      var base: [[Float]]
      var peft: [[Float]]
      var merged: [[Float]]
      var half: [[Float]]
      var halfTypes: [String]
      var modelType: String
      var eos: [Int32]
      var rank: Int
      var mergedCard: Card
      var peftCard: Card
    }
    struct Tokenizer: Decodable {
      var name: String
      var plain: [[Int32]]
      var special: [[Int32]]
      var decoded: [String]
      var conversations: [[String]]
      var tokens: [String?]
      var length: Int
    }
    var models: [Model]
    var tokenizers: [Tokenizer]
  }

  func report(_ request: Request, in folder: TemporaryExports) throws -> Report {
    let (question, answer) = (folder / "request.json", folder / "report.json")
    try JSONEncoder().encode(request).write(to: URL(filePath: question))
    try PythonScript.run(
      "exports.py", arguments: [question, answer], log: URL(filePath: folder / "exports.log"))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Report.self, from: Data(bytes(answer)))
  }

  /// Writes all three exports of a model with this adapter; returns the request for them and Operant's scores.
  func exported(
    _ model: ExportedModel, name: String, adapter: LowRankAdapter, ids: [[Int32]],
    in folder: TemporaryExports
  ) throws -> (request: Request.Model, scores: [[Float]]) {
    var decoder = try model.loader.decoder(.float32, positions: 512)
    try decoder.adopt(adapter)
    let export = model.export(decoder, adapter: adapter)
    var request = Request.Model(
      name: name, peft: folder / "\(name)-peft", merged: folder / "\(name)-merged",
      half: folder / "\(name)-half", ids: ids)
    switch model.location {
    case .folder(let path): request.base = path
    case .gguf(let path): request.gguf = path
    }
    try export.peft(to: request.peft)
    try export.merged(to: request.merged, dtype: .float32)
    try export.merged(to: request.half, dtype: .bfloat16)
    return (request, try ids.map { try decoder.score($0) })
  }

  func largest(_ a: [[Float]], _ b: [[Float]]) throws -> Float {
    try #require(a.map(\.count) == b.map(\.count))
    return zip(a.joined(), b.joined()).map { abs($0 - $1) }.max() ?? 0
  }

  func mean(_ a: [[Float]], _ b: [[Float]]) -> Float {
    let differences = zip(a.joined(), b.joined()).map { abs($0 - $1) }
    return differences.reduce(0, +) / Float(differences.count)
  }

  func compare(_ entry: Report.Model, with scores: [[Float]], rank: Int) throws {
    let peft = try largest(entry.peft, scores)
    let merged = try largest(entry.merged, scores)
    let moved = try largest(entry.base, scores)
    let half = mean(entry.half, scores)
    print(
      "export \(entry.name): max difference peft \(peft), merged \(merged); bfloat16 mean \(half); "
        + "the adapter moves the base by up to \(moved)")
    #expect(peft < 1e-4)
    #expect(merged < 1e-4)
    #expect(moved > 0.5, "an adapter that changes nothing would pass unseen")
    #expect(half < moved / 10)
    #expect(entry.halfTypes == ["torch.bfloat16"])
    #expect(entry.rank == rank)
    for (card, library, relation) in [
      (entry.mergedCard, "transformers", "finetune"), (entry.peftCard, "peft", "adapter"),
    ] {
      #expect(card.baseModel == "org/base-model")
      #expect(card.license == "apache-2.0")
      #expect(card.libraryName == library)
      #expect(card.relation == relation)
      #expect(card.metrics == ["reward": 0.8, "full_marks": 0.4])
      #expect(card.tags.contains("grpo"))
    }
  }

  static let adapters: [String: LoRAPlan] = [
    "llama": LoRAPlan(rank: 4, alpha: 8),
    "llama-untied": LoRAPlan(rank: 3, alpha: 5, targets: [.q, .v, .down]),
    "llama3-scaled": LoRAPlan(rank: 2, alpha: 3.5, targets: [.k, .o, .up]),
    "qwen2": LoRAPlan(rank: 8, alpha: 16),
    "qwen3": LoRAPlan(rank: 5, alpha: 2.5, targets: [.gate, .up, .q, .k]),
  ]

  @Test func `adapters and merged models of every family give Operant's log-probabilities`() throws {
    struct Models: Decodable {
      struct Entry: Decodable {
        var name: String
        var folder: String
        var ids: [[Int32]]
      }
      var models: [Entry]
    }
    // The arguments of ModelParityTests, so that the two share one fixture.
    let fixture = try ParityFixture("models.py", arguments: ParityFixture.defaultModel.map { [$0] } ?? [])
    let models = try JSONDecoder().decode(Models.self, from: fixture.data("report.json")).models
    #expect(Set(models.map(\.name)) == Set(Self.adapters.keys))
    let folder = try TemporaryExports()
    var request = Request()
    var scores: [[[Float]]] = []
    var stopIDs: [Set<Int32>] = []
    for entry in models {
      let base = folder / entry.name
      try FileManager.default.copyItem(atPath: entry.folder, toPath: base)
      try ExportedModel.addTokenizer(to: base)
      let model = try ExportedModel(folder: base)
      let plan = try #require(Self.adapters[entry.name])
      let adapter = try LowRankAdapter.random(plan, model.loader.configuration, seed: 3, spread: 0.3)
      let made = try exported(model, name: entry.name, adapter: adapter, ids: entry.ids, in: folder)
      request.models.append(made.request)
      scores.append(made.scores)
      stopIDs.append(model.text.tokenizer.stopIDs)
    }
    let report = try report(request, in: folder)
    try #require(report.models.count == models.count)
    for (index, entry) in report.models.enumerated() {
      try compare(entry, with: scores[index], rank: #require(Self.adapters[entry.name]).rank)
      #expect(entry.eos.first == TokenizerDefinition.small().eosID)
      #expect(Set(entry.eos) == stopIDs[index])
    }
  }

  static let paragraphs = [
    "The lighthouse keeper climbed the stairs each evening, lit the lamp, and wrote the weather in a book.",
    "Your order has shipped and should arrive by Thursday. If it does not, reply to this message and we "
      + "will send a new one.",
    "def add(a, b):\n    return a + b\n\nprint(add(2, 40))",
  ]

  @Test(.enabled(if: ParityFixture.defaultModel != nil, "the default model is not in .deps/models"))
  func `the default model's exports give Operant's log-probabilities, ids and prompts`() throws {
    let model = try ExportedModel(gguf: #require(ParityFixture.defaultModel))
    let folder = try TemporaryExports()
    let plan = LoRAPlan(rank: 4, alpha: 8)
    let adapter = try LowRankAdapter.random(plan, model.loader.configuration, seed: 9, spread: 0.1)
    let ids = Self.paragraphs.map { model.text.tokenizer.encode($0, specialTokens: .asText) }
    let made = try exported(model, name: "smollm2", adapter: adapter, ids: ids, in: folder)
    let request = Request(
      models: [made.request], tokenizers: [tokenizerRequest("smollm2", folder: made.request.merged)])
    let report = try report(request, in: folder)
    let entry = try #require(report.models.first)
    try compare(entry, with: made.scores, rank: plan.rank)
    #expect(entry.modelType == "llama")
    #expect(entry.eos == [2, 0])
    try compare(#require(report.tokenizers.first), model.text, length: 8192)

    // Operant reads its own export back.
    let again = try ExportedModel(folder: made.request.merged)
    let scores = try ids.map { try again.loader.decoder(.float32, positions: 512).score($0) }
    #expect(try largest(scores, made.scores) < 1e-4)
    #expect(again.text.tokenizer.definition.stopIDs == model.text.tokenizer.definition.stopIDs)
    #expect(again.text.template.source == model.text.template.source)
  }

  @Test(
    .enabled(if: ParityFixture.defaultModel != nil, "the default model is not in .deps/models"),
    arguments: ["gpt-2", "llama-bpe", "qwen2"])
  func `a tokenizer of every kind out of GGUF gives the same ids in transformers`(kind: String) throws {
    let path = try #require(ParityFixture.defaultModel)
    var metadata = try GGUFFile(path: path).metadata
    metadata["tokenizer.ggml.pre"] = .string(kind)
    // The default of files of Llama 3, which leave it out.
    metadata["tokenizer.ggml.add_bos_token"] = nil
    let text = try ModelTokenizer(gguf: metadata, file: path)
    let folder = try TemporaryExports()
    // transformers 5 has a tokenizer class of its own for Qwen2 models, which must agree as well.
    let model = try ExportedModel.random(.tiny(kind == "qwen2" ? .qwen2 : .llama), in: folder / "base")
    let decoder = try model.loader.decoder(.float32, positions: 8)
    let export = ModelExport(
      configuration: decoder.configuration, weights: decoder.weights, adapter: nil, location: .gguf(path),
      text: text, card: .sample())
    try export.merged(to: folder / "out", dtype: .float32)
    let report = try report(
      Request(tokenizers: [tokenizerRequest(kind, folder: folder / "out")]), in: folder)
    try compare(#require(report.tokenizers.first), text, length: 256)
    #expect(text.tokenizer.definition.addsBOS == (kind == "llama-bpe"))
  }

  static let conversations = [
    [("user", "Hello!")],
    [
      ("system", "Answer in French."), ("user", "How are you?"), ("assistant", "Bien, merci."),
      ("user", "2+2?"),
    ],
    [
      ("user", "  spaces around  \n\nand  lines\n"), ("assistant", "é 漢字 🎉"),
      ("user", "{{ not a template }}"),
    ],
  ]

  func tokenizerRequest(_ name: String, folder: String) -> Request.Tokenizer {
    Request.Tokenizer(
      name: name, folder: folder, strings: Self.strings,
      conversations: Self.conversations.map { $0.map { Request.Message(role: $0.0, content: $0.1) } })
  }

  /// Sentences, then random sequences of pieces that tokenizers disagree about.
  static let strings: [String] = {
    let pieces = [
      " the", "Hello", "'s", "'LL", "don't", " 12345", "3.14", "٣٤", "½", " ", "  ", "\n", "\n\n", "\t",
      "\r\n",
      "\u{A0}", "\u{3000}", "!", "?!...", "://", "_x", "(a+b)", "é", "e\u{301}", "ﬁ", "Å", "漢字かな", "한국어",
      "हिन्दी", "العربية", "🎉", "👩‍👩‍👧", "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_", "end|>", "<think>",
      "x = y;", "\"quoted\"", "\u{200B}", "\u{FEFF}", "ÀÈ", "straße", "Ω", "a\u{0}b",
    ]
    var random = SplitMix64(seed: 20)
    let mixed = (0..<400).map { _ in
      (0..<Int.random(in: 1...12, using: &random)).map { _ in
        pieces[Int.random(in: 0..<pieces.count, using: &random)]
      }.joined()
    }
    return paragraphs + pieces + mixed
  }()

  func compare(_ entry: Report.Tokenizer, _ text: ModelTokenizer, length: Int) throws {
    let (tokenizer, definition) = (text.tokenizer, text.tokenizer.definition)
    try #require(entry.plain.count == Self.strings.count)
    var mismatches = 0
    for (index, string) in Self.strings.enumerated() {
      let ids = tokenizer.encode(string, specialTokens: .parse)
      let first = definition.addsBOS ? [definition.bosID].compactMap { $0 } : []
      let decoded = tokenizer.decode(ids, skippingSpecial: false)
      guard
        ids != entry.plain[index] || first + ids != entry.special[index]
          || !decoded.utf8.elementsEqual(entry.decoded[index].utf8)
      else { continue }
      mismatches += 1
      if mismatches <= 3 {
        Issue.record(
          "\(string.debugDescription): \(ids) here, \(entry.plain[index]) and \(entry.special[index]) there")
      }
    }
    print("export \(entry.name): \(Self.strings.count) strings, \(mismatches) mismatches")
    #expect(mismatches == 0)
    for (conversation, expected) in zip(Self.conversations, entry.conversations) {
      let messages = try conversation.map { Message(try #require(Role(rawValue: $0.0)), $0.1) }
      for (expected, prompt) in zip(expected, [false, true]) {
        let rendered = try text.conversations.render(messages, addGenerationPrompt: prompt)
        #expect(rendered.text.utf8.elementsEqual(expected.utf8))
      }
    }
    let tokens = [definition.bosID, definition.eosID, definition.padID].map {
      $0.flatMap(tokenizer.token(of:))
    }
    #expect(entry.tokens == tokens)
    #expect(entry.length == length)
  }
}
