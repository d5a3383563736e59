/// A stretch of scalars that is compared and hashed by its bytes.
struct Word: Hashable, Sendable {
  let scalars: ArraySlice<UInt32>

  init(_ scalars: ArraySlice<UInt32>) { self.scalars = scalars }

  static func == (left: Word, right: Word) -> Bool { left.scalars == right.scalars }

  func hash(into hasher: inout Hasher) {
    scalars.withUnsafeBytes { hasher.combine(bytes: $0) }
  }
}

/// Gives words small numbers, the same number to the same word.
struct Vocabulary {
  private var numbers: [Word: UInt32] = [:]

  mutating func numbers(of words: [Word]) -> [UInt32] {
    words.map { word in
      if let number = numbers[word] { return number }
      let number = UInt32(numbers.count)
      numbers[word] = number
      return number
    }
  }
}
