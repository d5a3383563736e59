import Records
import Testing

@testable import Graders

@Suite struct NumberScannerTests {
  static let table: [(String, [Double])] = [
    // Plain
    ("42", [42]), ("-7", [-7]), ("+7", [7]), ("0", [0]), ("007", [7]), ("3.14", [3.14]), (".5", [0.5]),
    ("-.5", [-0.5]), ("5.", [5]), ("The sum is 12.", [12]), ("12, 13 and 14", [12, 13, 14]), ("", []),
    ("none", []), ("forty-two", []), ("...", []), ("-", []), ("**42**", [42]), ("_42_", [42]),
    ("\u{7B54}\u{6848}\u{662F}42", [42]), ("n=5", [5]), ("is:-4", [-4]),
    // Thousands
    ("1,234", [1234]), ("1,234.5", [1234.5]), ("12,345,678", [12_345_678]), ("1,2,3", [1, 2, 3]),
    ("1,23", [1, 23]), ("1234,567", [1234, 567]), ("0,123", [0, 123]), ("1,234,56", [1234, 56]),
    ("1{,}234", [1234]), ("1\\,234", [1234]), ("1,\\!234", [1234]), ("1\u{202F}234", [1234]),
    ("1\u{A0}234.5", [1234.5]), ("1 234", [1, 234]), ("1.234,5", [1.234, 5]), ("1,2345", [1, 2345]),
    // Exponents
    ("1e3", [1000]), ("-1.5e3", [-1500]), ("2E-2", [0.02]), ("2em", [2]), ("3e", [3]),
    ("1.5 \\times 10^{3}", [1500]), ("1.5\\times10^3", [1500]), ("2 x 10^-2", [0.02]),
    ("3 \u{D7} 10^4", [30000]),
    ("3 \\times 4", [3, 4]), ("1e999", []),
    // Fractions
    ("3/4", [0.75]), ("-3/4", [-0.75]), ("1 3/4", [1.75]), ("10/12/2024", [10, 12, 2024]), ("3/0", [3, 0]),
    ("3 / 4", [3, 4]), ("\u{BD}", [0.5]), ("2\u{BD}", [2.5]), ("\\frac{3}{4}", [0.75]),
    ("\\dfrac{-3}{4}", [-0.75]), ("-\\frac{3}{4}", [-0.75]), ("\\frac34", [0.75]), ("1\\frac{1}{2}", [1.5]),
    ("\\frac{x}{2}", []), ("\\frac{1}{0}", []), ("\\frac{1{,}000}{4}", [250]), ("1.5/2", [0.75]),
    // Percent and money
    ("75%", [0.75]), ("75 %", [0.75]), ("75\\%", [0.75]), ("12.5%", [0.125]), ("-5%", [-0.05]),
    ("$5", [5]), ("-$5", [-5]), ("$-5", [-5]), ("\\$1,250.50", [1250.5]), ("\u{20AC}20", [20]),
    ("20\u{20AC}", [20]),
    // Signs
    ("\u{2212}8", [-8]), ("3-4", [3, 4]), ("3 - 4", [3, 4]), ("3 -4", [3, -4]), ("10\u{2013}15", [10, 15]),
    ("(-5)", [-5]), ("(3)-4", [3, 4]), ("x-4", [4]), ("= \u{2013}6", [-6]), ("2024-01-02", [2024, 1, 2]),
    // Words with digits
    ("B12", []), ("x_2", []), ("v1.2.3 or 7", [7]), ("1.2.3", [1.2]), ("1st", [1]), ("5kg", [5]),
    ("\\cdot5", [5]), ("12:30", [12, 30]), ("#### 18", [18]), ("\\boxed{42}", [42]),
  ]

  @Test(arguments: table)
  func `numbers are found as a person reads them`(text: String, expected: [Double]) {
    #expect(NumberScanner.numbers(in: text).map(\.value) == expected, "in '\(text)'")
  }

  @Test func `the table has at least sixty rows`() { #expect(Self.table.count >= 60) }

  @Test(
    arguments: [
      (NumberPick.last, "Answer:", "3 + 4 = 7", 7), (.first, "", "3 + 4 = 7", 3), (.only, "", "it is 7.", 7),
      (.only, "", "3 + 4 = 7", nil), (.last, "", "no number", nil),
      (.after, "Answer:", "3 + 4 = 7\nAnswer: 7", 7), (.after, "Answer:", "answer: 7 (from 3 + 4)", 7),
      (.after, "Answer:", "**Answer:** 7", 7), (.after, "Answer:", "Answer:\n\n7 apples", 7),
      (.after, "Answer:", "Answer: 5. No, Answer: 6", 6), (.after, "Answer:", "7", nil),
      (.after, "Answer:", "Answer: seven\n7", nil), (.after, "Answer:", "7 Answer:", nil),
      (.after, "####", "so\n#### 1,200", 1200), (.after, "Answer:", "Answer: $12.50.", 12.5),
      (.boxed, "", "\\boxed{42}", 42), (.boxed, "", "\\boxed{1} and \\boxed{2}", 2),
      (.boxed, "", "\\boxed{\\boxed{42}}", 42), (.boxed, "", "\\boxed{\\frac{3}{4}}", 0.75),
      (.boxed, "", "\\boxed{x = 42 \\text{ cm}}", 42), (.boxed, "", "\\boxed{2\\sqrt{3}}", nil),
      (.boxed, "", "\\boxed{2\\pi}", nil), (.boxed, "", "\\boxed{2^3}", nil),
      (.boxed, "", "\\boxed{90^\\circ}", 90),
      (.boxed, "", "\\boxed{42", nil), (.boxed, "", "42", nil),
      (.boxed, "", "\\boxed{1.5 \\times 10^{3}}", 1500),
      (.boxed, "", "\\boxed{1, 2}", nil), (.boxed, "", "\\boxed{}", nil),
    ] as [(NumberPick, String, String, Double?)])
  func `a pick takes the number of its place`(
    pick: NumberPick, marker: String, text: String, expected: Double?
  ) {
    #expect(pick.pick(from: text, marker: marker)?.value == expected, "\(pick) in '\(text)'")
  }

  @Test func `whole numbers of any size and sign read back`() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<2000 {
      let number = Int(truncatingIfNeeded: random.next() >> (random.next() % 63)) % 1_000_000_000_000
      #expect(NumberScanner.numbers(in: "it is \(number).").map(\.value) == [Double(number)])
    }
  }

  @Test func `grouped digits read as the same number without groups`() {
    var random = SplitMix64(seed: 2)
    for _ in 0..<2000 {
      let number = Int(random.next() % 10_000_000_000)
      var digits = String(number)
      var grouped = ""
      while digits.count > 3 {
        grouped = "," + digits.suffix(3) + grouped
        digits.removeLast(3)
      }
      #expect(NumberScanner.numbers(in: digits + grouped).map(\.value) == [Double(number)])
    }
  }

  @Test func `random text gives finite numbers in order and never traps`() {
    var random = SplitMix64(seed: 3)
    let alphabet = [
      "1", "0", "9", ",", ".", "-", "/", "%", "e", "x", " ", "\\frac", "{", "}", "\\boxed{", "\u{BD}", "$",
      "10^", "\\times", "\u{2212}", "\u{A0}", "_", "a", "\n", "\u{301}", "Answer:",
    ]
    for round in 0..<3000 {
      let text = randomText(&random, alphabet: alphabet, length: round % 60)
      let numbers = NumberScanner.numbers(in: text)
      #expect(numbers.allSatisfy { $0.value.isFinite && !$0.range.isEmpty })
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
      for pick in NumberPick.allCases { _ = pick.pick(from: text, marker: "Answer:") }
    }
  }

  @Test func `a text of nothing but fractions takes linear time`() {
    for text in ["\\frac{", "\\boxed{", "\\frac{1}{", "1,", "1/", "-", "{", "Answer:"] {
      let long = String(repeating: text, count: 5_000)
      for pick in NumberPick.allCases { _ = pick.pick(from: long, marker: "Answer:") }
    }
  }

  @Test(arguments: [
    ("75%", "75", true), ("75%", "0.75", true), ("0.75", "75%", true), ("75", "75%", true),
    ("75%", "75%", true),
    ("75%", "7500%", false), ("0.75", "75", false), ("12.3%", "0.123", true), ("1/3", "0.3333", false),
  ])
  func `a percent sign on one side only agrees either way`(a: String, b: String, expected: Bool) {
    let (a, b) = (NumberScanner.numbers(in: a)[0], NumberScanner.numbers(in: b)[0])
    #expect(a.agrees(with: b, absolute: 0, relative: 0) == expected)
  }

  @Test(
    arguments: [
      (1.1, 1.0, 0.1, 0.0, true), (1.11, 1.0, 0.1, 0, false), (0.3333, 1.0 / 3, 0.001, 0, true),
      (99.0, 100.0, 0, 0.01, true), (98.9, 100, 0, 0.01, false), (-99.0, -100, 0, 0.01, true),
      (0.1 + 0.2, 0.3, 0, 0, true), (0, 0, 0, 0, true), (1e-9, 0, 0, 0.5, false),
      (1_000_000_000_000_001, 1_000_000_000_000_000, 0, 0, false),
    ] as [(Double, Double, Double, Double, Bool)])
  func `tolerances are of the reference, absolute or relative`(
    value: Double, reference: Double, absolute: Double, relative: Double, expected: Bool
  ) {
    let a = WrittenNumber(value: value, isPercent: false, range: 0..<1)
    let b = WrittenNumber(value: reference, isPercent: false, range: 0..<1)
    #expect(a.agrees(with: b, absolute: absolute, relative: relative) == expected)
  }
}
