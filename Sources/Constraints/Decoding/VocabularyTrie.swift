/// The tokens of a vocabulary as a tree of their bytes, laid out in the order in which a walk visits it.
struct VocabularyTrie: Sendable {
  struct Place: Sendable {
    /// The byte that leads here.
    var byte: UInt8
    /// How many bytes lead here.
    var length: Int32
    /// The place after all those below this one.
    var end: Int32
    /// Tokens that end here: a range of `tokens`.
    var firstToken: Int32
    var tokenCount: Int32
  }
  /// The root, which is no byte, is left out.
  let places: [Place]
  let tokens: [Int32]
  /// Bytes that are tokens of their own.
  let alphabet: ByteSet
  let longest: Int

  init(_ vocabulary: TokenVocabulary) {
    let bytes = vocabulary.bytes
    // What writes nothing would never come to an end, and an end id ends whatever its bytes are.
    let ids = bytes.indices.filter {
      bytes[$0].map { !$0.isEmpty } ?? false && !vocabulary.endIDs.contains(Int32($0))
    }
    let sorted = ids.map { (bytes: bytes[$0] ?? [], id: Int32($0)) }.sorted {
      $0.bytes == $1.bytes ? $0.id < $1.id : $0.bytes.lexicographicallyPrecedes($1.bytes)
    }
    var places: [Place] = []
    var tokens: [Int32] = []
    var open: [Int] = []
    var alphabet = ByteSet()
    var previous: [UInt8] = []
    for (bytes, id) in sorted {
      var shared = 0
      while shared < previous.count, shared < bytes.count, previous[shared] == bytes[shared] { shared += 1 }
      while open.count > shared { places[open.removeLast()].end = Int32(places.count) }
      for index in shared..<max(shared, bytes.count) {
        open.append(places.count)
        places.append(
          Place(
            byte: bytes[index], length: Int32(index + 1), end: 0, firstToken: Int32(tokens.count),
            tokenCount: 0))
      }
      places[open[open.count - 1]].tokenCount += 1
      tokens.append(id)
      if bytes.count == 1 { alphabet.insert(bytes[0]) }
      previous = bytes
    }
    while let last = open.popLast() { places[last].end = Int32(places.count) }
    (self.places, self.tokens, self.alphabet) = (places, tokens, alphabet)
    longest = sorted.map(\.bytes.count).max() ?? 0
  }
}
