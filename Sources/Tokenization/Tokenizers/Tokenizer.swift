/// Byte-level BPE: text to token ids and back, with the ids of the `tokenizers` package.
///
/// Ids in, bytes out is exact: `decode` turns into U+FFFD only what is not UTF-8. May be used from several
/// threads.
package final class Tokenizer: Sendable {
  /// What becomes of an added token's content that stands in a text.
  package enum SpecialTokens: Sendable, Hashable {
    /// It is that token, as when `tokenizers` encodes.
    case parse
    /// It is text like any other.
    case asText
  }

  package let definition: TokenizerDefinition
  private let pieces: PieceTable
  private let merger: BytePairMerger
  /// The token of each byte, -1 for a byte that the vocabulary lacks.
  private let byteIDs: [Int32]
  private let added: [String: Int32]
  private let specialIDs: Set<Int32>
  /// Tokens that are looked for in the text as it was given, and those looked for once it is normalised.
  private let rawMatcher: AddedTokenMatcher
  private let normalizedMatcher: AddedTokenMatcher
  private let cache = WordCache()

  /// Builds the tables of a definition; `file` is named in errors.
  package init(_ definition: TokenizerDefinition, file: String = "") throws(TokenizerError) {
    self.definition = definition
    added = Dictionary(definition.addedTokens.map { ($0.content, $0.id) }) { $1 }
    specialIDs = Set(definition.addedTokens.lazy.filter(\.special).map(\.id))
    let normalizer = definition.normalizer
    rawMatcher = AddedTokenMatcher(definition.addedTokens.filter { !$0.normalized })
    normalizedMatcher = AddedTokenMatcher(definition.addedTokens.filter(\.normalized)) {
      normalizer.apply(to: $0.content)
    }
    let pieces = Self.pieces(of: definition)
    self.pieces = pieces
    merger = BytePairMerger(merges: try Self.merges(of: definition, pieces: pieces, file: file))
    byteIDs = (0...255).map { (byte: UInt8) in
      withUnsafeBytes(of: byte) { pieces.id(of: $0.bindMemory(to: UInt8.self)) ?? -1 }
    }
  }

  private static func pieces(of definition: TokenizerDefinition) -> PieceTable {
    var overlay: [Int32: String] = [:]
    for token in definition.addedTokens {
      overlay[token.id] =
        token.normalized ? definition.normalizer.apply(to: token.content) : token.content
    }
    let highest = max(definition.vocabulary.count - 1, Int(overlay.keys.max() ?? -1))
    var pieces = PieceTable(capacity: highest + 1)
    var scratch: [UInt8] = []
    for id in 0..<(highest + 1) {
      scratch.removeAll(keepingCapacity: true)
      if id < definition.vocabulary.count, let token = definition.vocabulary[id],
        ByteLevelAlphabet.append(token.utf8, to: &scratch)
      {
        pieces.append(scratch, findable: true)
      } else {
        let token = overlay[Int32(id)] ?? (id < definition.vocabulary.count ? definition.vocabulary[id] : nil)
        pieces.append(ByteLevelAlphabet.bytes(of: token ?? ""), findable: false)
      }
    }
    return pieces
  }

  private static func merges(
    of definition: TokenizerDefinition, pieces: PieceTable, file: String
  ) throws(TokenizerError) -> MergeTable {
    var table = MergeTable(capacity: definition.merges.count)
    var both: [UInt8] = []
    for (rank, merge) in definition.merges.enumerated() {
      let text = merge.utf8
      func failure(_ message: String) -> TokenizerError {
        TokenizerError(file: file, path: "merges[\(rank)]", message: "'\(merge)' \(message)")
      }
      guard let space = text.firstIndex(of: 0x20) else {
        throw failure("is not two tokens with a space between")
      }
      both.removeAll(keepingCapacity: true)
      guard ByteLevelAlphabet.append(text[..<space], to: &both) else {
        throw failure("has a left part outside the byte-level alphabet")
      }
      let middle = both.count
      guard ByteLevelAlphabet.append(text[text.index(after: space)...], to: &both) else {
        throw failure("has a right part outside the byte-level alphabet")
      }
      let ids = both.withUnsafeBufferPointer { both in
        (
          left: pieces.id(of: UnsafeBufferPointer(rebasing: both[..<middle])),
          right: pieces.id(of: UnsafeBufferPointer(rebasing: both[middle...])),
          result: pieces.id(of: both)
        )
      }
      guard let left = ids.left, let right = ids.right, let result = ids.result else {
        throw failure("names or makes a token that is not in the vocabulary")
      }
      table.insert(left, right, rank: UInt32(rank), result: result)
    }
    return table
  }
}

// MARK: - What it knows

extension Tokenizer {
  /// How many rows an embedding needs: one more than the highest id.
  package var vocabularySize: Int { pieces.count }
  package var bosID: Int32? { definition.bosID }
  package var eosID: Int32? { definition.eosID }
  package var padID: Int32? { definition.padID }
  /// Every id at which generation ends.
  package var stopIDs: Set<Int32> { definition.stopIDs }

  /// Whether the token is left out of text decoded without special tokens.
  package func isSpecial(_ id: Int32) -> Bool { specialIDs.contains(id) }

  /// The id of a token: an added token by its content, another by its form in the byte-level alphabet.
  package func id(of token: String) -> Int32? {
    if let id = added[token] { return id }
    var bytes: [UInt8] = []
    guard ByteLevelAlphabet.append(token.utf8, to: &bytes), !bytes.isEmpty else { return nil }
    return bytes.withUnsafeBufferPointer(pieces.id(of:))
  }

  /// A token as files write it: an added token's content, another's form in the byte-level alphabet.
  package func token(of id: Int32) -> String? {
    guard id >= 0, Int(id) < pieces.count else { return nil }
    if let token = definition.addedTokens.first(where: { $0.id == id }) { return token.content }
    return Int(id) < definition.vocabulary.count ? definition.vocabulary[Int(id)] : nil
  }

  /// The bytes that a token stands for; none for an id that is not in the vocabulary.
  package func bytes(of id: Int32) -> [UInt8] {
    guard id >= 0, Int(id) < pieces.count else { return [] }
    return pieces.withBytes(of: id, Array.init)
  }

  func appendBytes(of id: Int32, to output: inout [UInt8]) {
    guard id >= 0, Int(id) < pieces.count else { return }
    pieces.withBytes(of: id) { output.append(contentsOf: $0) }
  }
}

// MARK: - Encoding and decoding

extension Tokenizer {
  /// The ids of a text. Nothing is added: a BOS that the model expects is the caller's or the template's.
  package func encode(_ text: String, specialTokens: SpecialTokens) -> [Int32] {
    var text = text
    return text.withUTF8 { encode($0, specialTokens: specialTokens, refusedAfter: []) }
  }

  /// The ids of a text in which `marker` stands before what is to be text though it looks like an added
  /// token; the marker itself leaves no trace.
  func encode(_ text: String, parsingUnlessAfter marker: Unicode.Scalar) -> [Int32] {
    var text = text
    return text.withUTF8 { encode($0, specialTokens: .parse, refusedAfter: Array(marker.utf8)) }
  }

  private func encode(
    _ text: UnsafeBufferPointer<UInt8>, specialTokens: SpecialTokens, refusedAfter marker: [UInt8]
  ) -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(text.count / 3 + 1)
    guard specialTokens == .parse else {
      withNormalized(text) { appendWords(of: $0, to: &ids) }
      return ids
    }
    for segment in rawMatcher.segments(of: text, refusedAfter: marker) {
      if let id = segment.id {
        ids.append(id)
        continue
      }
      withNormalized(UnsafeBufferPointer(rebasing: text[segment.range])) { text in
        guard !normalizedMatcher.isEmpty else { return appendText(text, without: marker, to: &ids) }
        for segment in normalizedMatcher.segments(of: text, refusedAfter: marker) {
          if let id = segment.id {
            ids.append(id)
          } else {
            appendText(UnsafeBufferPointer(rebasing: text[segment.range]), without: marker, to: &ids)
          }
        }
      }
    }
    return ids
  }

  private func withNormalized(
    _ text: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard definition.normalizer == .nfc, let composed = CanonicalComposition.composed(text) else {
      return body(text)
    }
    composed.withUnsafeBufferPointer(body)
  }

  private func appendText(
    _ text: UnsafeBufferPointer<UInt8>, without marker: [UInt8], to ids: inout [Int32]
  ) {
    guard !marker.isEmpty else { return appendWords(of: text, to: &ids) }
    var kept: [UInt8] = []
    kept.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      if text[index] == marker[0], text[index...].starts(with: marker) {
        index += marker.count
      } else {
        kept.append(text[index])
        index += 1
      }
    }
    kept.withUnsafeBufferPointer { appendWords(of: $0, to: &ids) }
  }

  private func appendWords(of text: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
    let scanner = WordScanner(bytes: text, preTokenizer: definition.preTokenizer)
    var start = 0
    while start < text.count {
      let end = scanner.endOfWord(from: start)
      cache.append(UnsafeBufferPointer(rebasing: text[start..<end]), to: &ids, encode: encodeWord)
      start = end
    }
  }

  private func encodeWord(_ word: UnsafeBufferPointer<UInt8>) -> [Int32] {
    // A special token may be in the model's vocabulary too; text is never to become one.
    if definition.ignoresMerges, let id = pieces.id(of: word), !isSpecial(id) { return [id] }
    var symbols: [Int32] = []
    symbols.reserveCapacity(word.count)
    // A byte that the vocabulary lacks is dropped, as by the reference implementation without an unknown token.
    for byte in word where byteIDs[Int(byte)] >= 0 { symbols.append(byteIDs[Int(byte)]) }
    merger.merge(&symbols)
    return symbols
  }

  /// The text of these ids; bytes that are not UTF-8 become U+FFFD, one for each maximal ill-formed part, as in
  /// Python and Rust. Ids outside the vocabulary have no bytes.
  package func decode(_ ids: some Sequence<Int32>, skippingSpecial: Bool) -> String {
    var bytes: [UInt8] = []
    for id in ids where !(skippingSpecial && isSpecial(id)) { appendBytes(of: id, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension TokenizerDefinition.Normalizer {
  func apply(to text: String) -> String {
    switch self {
    case .none: text
    case .nfc: CanonicalComposition.composed(text)
    }
  }
}
