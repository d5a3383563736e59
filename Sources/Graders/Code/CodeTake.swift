/// Which code of an answer is meant.
struct CodeTake: Sendable {
  enum Pick: String, CaseIterable, Sendable {
    case last, first
  }

  var pick: Pick
  /// The words behind a fence that name the language, in lower case.
  var names: [String]

  init(_ pick: Pick, language: String) {
    self.pick = pick
    let language = language.lowercased()
    let known = [
      ["python", "py", "python3"], ["c++", "cpp", "cxx", "cc"], ["javascript", "js", "node"],
      ["typescript", "ts"], ["rust", "rs"], ["go", "golang"], ["bash", "sh", "shell"], ["ruby", "rb"],
      ["c#", "csharp", "cs"],
    ]
    names = known.first { $0.contains(language) } ?? [language]
  }

  /// The code: a block in the language or, when none is, one that names no language; all of a text that has no block.
  /// Nil when there is none.
  func code(in text: String) -> String? {
    let blocks = FencedBlock.blocks(in: Array(text.utf8))
    var candidates = blocks.filter { names.contains($0.language) }
    if candidates.isEmpty { candidates = blocks.filter { $0.language.isEmpty } }
    let bytes: [UInt8]
    if let block = pick == .last ? candidates.last : candidates.first {
      bytes = block.content
    } else if blocks.isEmpty {
      bytes = Array(text.utf8)
    } else {
      return nil
    }
    return bytes.allSatisfy { $0 <= 0x20 } ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
