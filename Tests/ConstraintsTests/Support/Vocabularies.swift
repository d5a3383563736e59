import Checkpoints
import Constraints
import Foundation
import Records
import Tokenization

enum Vocabularies {
  /// Every byte as its own id, and 256 for the end.
  static let bytes = TokenVocabulary(bytes: (0..<256).map { [UInt8($0)] } + [nil], endIDs: [256])

  /// Every byte, the end, and random pieces of JSON of up to eight bytes, also across the borders of its parts.
  static func pieces(_ random: inout SplitMix64) -> TokenVocabulary {
    let samples = [
      #"{"name": "Zoë 😀", "id": -12.5e3, "list": [true, false, null, "a\"b\\c\u00e9\n"]}"#,
      "{\n  \"a\": {\n    \"b\": []\n  },\n  \"x\": [\n    {},\n    {\"c\":\"\"}\n  ]\n}",
      #""},{"x":[[]],"y":""}"#,
      "0123456789 2026-11-22T10:20:30Z aaaa bbbb \u{1F600}é日本語",
    ].map { Array($0.utf8) }
    var pieces: Set<[UInt8]> = []
    while pieces.count < 400 {
      let sample = samples[Int.random(in: samples.indices, using: &random)]
      let start = Int.random(in: sample.indices, using: &random)
      let length = Int.random(in: 2...8, using: &random)
      pieces.insert(Array(sample[start..<min(sample.count, start + length)]))
    }
    let all = (0..<256).map { [UInt8($0)] } + [nil] + pieces.sorted { $0.lexicographicallyPrecedes($1) }
    return TokenVocabulary(bytes: all, endIDs: [256])
  }

  private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: ".deps/models/smollm2-135m-instruct/model.gguf")

  static var hasModel: Bool {
    let isThere = FileManager.default.fileExists(atPath: file.path)
    if !isThere { print("skipped: no model below .deps; Scripts/setup.sh brings one") }
    return isThere
  }

  static func model() throws -> TokenVocabulary {
    let gguf = try GGUFFile(path: Self.file.path)
    let tokenizer = try Tokenizer(
      try TokenizerDefinition(gguf: gguf.metadata, file: Self.file.lastPathComponent))
    let bytes = (0..<Int32(tokenizer.vocabularySize)).map {
      tokenizer.isSpecial($0) ? nil : tokenizer.bytes(of: $0)
    }
    return TokenVocabulary(bytes: bytes, endIDs: tokenizer.stopIDs)
  }
}
