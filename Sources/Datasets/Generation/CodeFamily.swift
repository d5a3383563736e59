import Records

/// A task that many small functions share: what they do, how it may be said, a solution and calls with their results.
/// In sentences and in the body `{0}` and `{1}` stand for the parameters and `{k}` for the constant.
struct CodeFamily: Sendable {
  struct Case: Sendable, Hashable {
    let arguments: [PythonValue]
    let result: PythonValue
  }

  let names: [String]
  let parameters: [[String]]
  let sentences: [String]
  let body: String
  /// nil when there is no constant.
  let constants: ClosedRange<Int>?
  /// Whether the constant is the place of a letter in ``letter(_:)`` and is written as that.
  let constantIsLetter: Bool
  let draw: @Sendable (inout SplitMix64, _ constant: Int) -> Case

  static let all = ofOneNumber + ofTwoNumbers + ofText + ofNumbers + ofWords

  private init(
    _ names: [String], _ parameters: [[String]], _ sentences: [String], _ body: String,
    _ constants: ClosedRange<Int>?, constantIsLetter: Bool = false,
    draw: @escaping @Sendable (inout SplitMix64, Int) -> Case
  ) {
    (self.names, self.parameters, self.sentences, self.body) = (names, parameters, sentences, body)
    (self.constants, self.constantIsLetter, self.draw) = (constants, constantIsLetter, draw)
  }

  // MARK: - By what they take

  static func number(
    _ names: [String], _ sentences: [String], _ body: String, in range: ClosedRange<Int> = -20...60,
    k constants: ClosedRange<Int>? = nil, _ result: @escaping @Sendable (Int, _ constant: Int) -> PythonValue
  ) -> CodeFamily {
    CodeFamily(names, [["n"], ["x"], ["number"], ["value"], ["num"]], sentences, body, constants) {
      random, constant in
      let n = random.number(in: range)
      return Case(arguments: [.int(n)], result: result(n, constant))
    }
  }

  static func numbers(
    _ names: [String], _ sentences: [String], _ body: String, in range: ClosedRange<Int> = -20...40,
    _ second: ClosedRange<Int>? = nil,
    as parameters: [[String]] = [["a", "b"], ["x", "y"], ["m", "n"], ["first", "second"]],
    _ result: @escaping @Sendable (Int, Int) -> PythonValue
  ) -> CodeFamily {
    CodeFamily(names, parameters, sentences, body, nil) { random, _ in
      let a = random.number(in: range)
      let b = random.number(in: second ?? range)
      return Case(arguments: [.int(a), .int(b)], result: result(a, b))
    }
  }

  static func text(
    _ names: [String], _ sentences: [String], _ body: String, words: ClosedRange<Int> = 1...1,
    k constants: ClosedRange<Int>? = nil, letter: Bool = false,
    _ result: @escaping @Sendable (String, _ constant: Int) -> PythonValue
  ) -> CodeFamily {
    CodeFamily(
      names, [["s"], ["text"], ["string"], ["t"]], sentences, body, constants, constantIsLetter: letter
    ) {
      random, constant in
      let count = random.number(in: words)
      let text = (0..<count).map { _ in random.pick(Self.words) }.joined(separator: " ")
      return Case(arguments: [.text(text)], result: result(text, constant))
    }
  }

  static func list(
    _ names: [String], _ sentences: [String], _ body: String, count: ClosedRange<Int> = 1...6,
    in range: ClosedRange<Int> = -9...30, k constants: ClosedRange<Int>? = nil,
    _ result: @escaping @Sendable ([Int], _ constant: Int) -> PythonValue
  ) -> CodeFamily {
    CodeFamily(names, [["numbers"], ["values"], ["items"], ["nums"], ["data"]], sentences, body, constants) {
      random, constant in
      let numbers = (0..<random.number(in: count)).map { _ in random.number(in: range) }
      return Case(arguments: [.ints(numbers)], result: result(numbers, constant))
    }
  }

  static func words(
    _ names: [String], _ sentences: [String], _ body: String, count: ClosedRange<Int> = 1...5,
    k constants: ClosedRange<Int>? = nil,
    _ result: @escaping @Sendable ([String], _ constant: Int) -> PythonValue
  ) -> CodeFamily {
    CodeFamily(names, [["words"], ["names"], ["strings"], ["items"]], sentences, body, constants) {
      random, constant in
      let words = (0..<random.number(in: count)).map { _ in random.pick(Self.words) }
      return Case(arguments: [.texts(words)], result: result(words, constant))
    }
  }

  /// The constant as Python source.
  func source(of constant: Int) -> String {
    constantIsLetter ? "'\(Self.letter(constant))'" : String(constant)
  }

  /// The letter of a constant, one that the words have.
  static func letter(_ place: Int) -> Character { Array("aeiorstln")[place] }

  private static let words = [
    "level", "apple", "stone", "noon", "river", "table", "radar", "green", "tree", "lemon", "house", "civic",
    "sun",
    "paper", "orange", "kayak", "moon", "bird", "window", "refer", "tea", "salt", "letter", "Anna", "Oslo",
    "Python",
  ]
}
