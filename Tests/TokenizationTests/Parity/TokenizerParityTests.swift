import Checkpoints
import Foundation
import Records
import Testing

@testable import Tokenization

/// Ids and texts against the `tokenizers` package, over a corpus that `Scripts/parity/tokenizers.py` makes.
@Suite(.enabled(if: Parity.hasPython))
struct TokenizerParityTests {
  static let reference = Result { try Parity(script: "tokenizers") }
  static let corpus = Result {
    try reference.get().documents("corpus.jsonl").map { try #require($0.string) }
  }
  static let names = ["gpt2", "smollm", "llama-bpe", "qwen2"] + (Parity.hasModel ? ["smollm2"] : [])

  private func tokenizer(_ name: String) throws -> Tokenizer {
    let file = try Self.reference.get().folder.appending(path: "\(name).json")
    let document = try JSONValue(parsing: Array(Data(contentsOf: file)))
    return try Tokenizer(
      TokenizerDefinition(tokenizerJSON: document, file: file.path), file: file.path)
  }

  @Test(arguments: names)
  func `every string of the corpus has the ids of the reference`(name: String) throws {
    let corpus = try Self.corpus.get()
    let reference = try Self.reference.get()
    let tokenizer = try self.tokenizer(name)
    try #require(corpus.count >= 10_000)
    var mismatches = 0
    for (mode, file) in [(Tokenizer.SpecialTokens.parse, "parsed"), (.asText, "plain")] {
      let expected = try reference.ids("\(name).\(file).txt")
      try #require(expected.count == corpus.count)
      for (text, expected) in zip(corpus, expected) {
        let ids = tokenizer.encode(text, specialTokens: mode)
        guard ids != expected else { continue }
        mismatches += 1
        if mismatches <= 3 {
          Issue.record("\(file) \(text.debugDescription): \(ids) instead of \(expected)")
        }
      }
    }
    print("\(name): \(corpus.count) strings, parsed and as text, \(mismatches) mismatches")
    #expect(mismatches == 0)
  }

  @Test(arguments: names)
  func `what was encoded as text decodes to itself`(name: String) throws {
    let tokenizer = try self.tokenizer(name)
    // SmolLM2's vocabulary lacks the lead bytes F1 to F4, which the reference drops too.
    let known = (0...255).map { (byte: UInt8) in tokenizer.id(of: ByteLevelAlphabet.text(of: [byte])) != nil }
    var compared = 0
    // NFC changes some texts before they are encoded.
    let composes = tokenizer.definition.normalizer == .nfc
    for text in try Self.corpus.get().prefix(3000) where text.utf8.allSatisfy({ known[Int($0)] }) {
      compared += 1
      let text = composes ? CanonicalComposition.composed(text) : text
      let decoded = tokenizer.decode(tokenizer.encode(text, specialTokens: .asText), skippingSpecial: false)
      #expect(decoded.utf8.elementsEqual(text.utf8))
    }
    #expect(compared > 1500)
  }

  @Test(arguments: names)
  func `random ids decode to the text of the reference, whole and streamed`(name: String) throws {
    let tokenizer = try self.tokenizer(name)
    for entry in try Self.reference.get().documents("\(name).decode.jsonl") {
      let parts = try #require(entry.array)
      let ids = try #require(parts[0].array).map { Int32($0.integer ?? -1) }
      for (part, skipping) in [(1, false), (2, true)] {
        let expected = try #require(parts[part].string)
        let text = tokenizer.decode(ids, skippingSpecial: skipping)
        #expect(text.utf8.elementsEqual(expected.utf8), "\(ids)")
        var decoder = StreamingDecoder(tokenizer, skippingSpecial: skipping)
        var streamed = ids.reduce(into: "") { $0 += decoder.push($1) }
        streamed += decoder.finish()
        #expect(streamed.utf8.elementsEqual(expected.utf8), "\(ids)")
      }
    }
  }

  @Test(.enabled(if: Parity.hasModel))
  func `a vocabulary out of GGUF gives the ids of the same one out of tokenizer json`() throws {
    let path = Parity.model.path
    let tokenizer = try Tokenizer(
      TokenizerDefinition(gguf: GGUFFile(path: path).metadata, file: path), file: path)
    let expected = try Self.reference.get().ids("smollm2.parsed.txt")
    for (text, expected) in try zip(Self.corpus.get(), expected).prefix(4000) {
      #expect(tokenizer.encode(text, specialTokens: .parse) == expected)
    }
    #expect(tokenizer.stopIDs == [0, 2])
    #expect(tokenizer.vocabularySize == 49152)
    #expect(!tokenizer.definition.addsBOS)
  }
}
