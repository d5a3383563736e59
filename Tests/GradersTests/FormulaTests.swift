import Foundation
import Records
import Testing

@testable import Graders

@Suite struct FormulaTests {
  @Test(
    arguments: [
      ("1", 1), ("1.5e1", 15), (".5", 0.5), ("2.", 2), ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("7 - 2 - 1", 4),
      ("8 / 4 / 2", 1), ("2 ^ 3 ^ 2", 512), ("-2 ^ 2", -4), ("(-2) ^ 2", 4), ("2 ^ -1", 0.5), ("--3", 3),
      ("+3", 3),
      ("2 * -3", -6), ("a", 0.25), ("a + b_2 * 4", 2.25), ("0.9 * a + 0.1 * b_2", 0.275),
      ("min(a, b_2)", 0.25),
      ("max(a, b_2, 3)", 3), ("min(4)", 4), ("abs(-a)", 0.25), ("floor(1.7)", 1), ("ceil(1.2)", 2),
      ("floor(-1.2)", -2), ("exp(0)", 1), ("sqrt(16)", 4), ("log(exp(2))", 2), ("max(0, min(1, a * 10))", 1),
      (" ( ( a ) ) ", 0.25), ("2e", .nan), ("1e2", 100), ("3*(a+b_2)/2-1", 0.125), ("min(1,2)^2", 1),
      ("exp", .nan),
    ] as [(String, Double)])
  func `formulas have their value on paper`(source: String, expected: Double) throws {
    if expected.isNaN {
      // A name without a value, or a number glued to a name.
      #expect((try? Formula(parsing: source))?.value([:]).isNaN ?? true)
    } else {
      #expect(try Formula(parsing: source).value(["a": 0.25, "b_2": 0.5]) == expected)
    }
  }

  @Test(arguments: [
    ("", "the formula is empty"), ("1 +", "expected a number, a name or '(', found the end"),
    ("1 2", "expected an operator, found '2' at character 3"), ("(1", "expected ')', found the end"),
    ("a b", "expected an operator, found 'b' at character 3"),
    ("min(1", "expected ',' or ')', found the end"),
    ("sqrt(1, 2)", "sqrt takes one argument, found 2"), ("1..2", "'1..2' at character 1 is not a number"),
    ("mean(a)", "there is no function 'mean'; the functions are min, max, abs, floor, ceil, exp, sqrt, log"),
    (
      "sqr(a)",
      "there is no function 'sqr'; the functions are min, max, abs, floor, ceil, exp, sqrt, log; did you mean 'sqrt'?"
    ),
    ("a % b", "expected an operator, found '%' at character 3"),
    (")", "expected a number, a name or '(', found ')' at character 1"),
    ("min()", "expected a number, a name or '(', found ')' at character 5"),
    ("2 ** 3", "expected a number, a name or '(', found '*' at character 4"),
    (".", "'.' at character 1 is not a number"),
  ])
  func `a formula that cannot be read says what was expected`(source: String, message: String) {
    #expect(throws: FormulaError(message: message)) { try Formula(parsing: source) }
  }

  @Test func `nesting and length are bounded instead of the stack`() {
    let deep = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
    #expect(throws: FormulaError.self) { try Formula(parsing: deep) }
    #expect(throws: FormulaError.self) { try Formula(parsing: String(repeating: "-", count: 100_000) + "1") }
    #expect(throws: FormulaError.self) {
      try Formula(parsing: Array(repeating: "1", count: 5000).joined(separator: "+"))
    }
  }

  @Test func `NaN is not swallowed by min and max`() throws {
    for source in ["min(x, 1)", "max(1, x)", "min(1, x)", "max(x, 1)"] {
      #expect(try Formula(parsing: source).value(["x": .nan]).isNaN)
    }
  }

  @Test func `random formulas agree with the values they were built from`() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<500 {
      let (source, value) = Self.random(&random, depth: 4)
      let result = try Formula(parsing: source).value([:])
      #expect(result == value || (result.isNaN && value.isNaN), "\(source)")
    }
  }

  /// A fully parenthesised formula and its value.
  private static func random(_ random: inout SplitMix64, depth: Int) -> (String, Double) {
    if depth == 0 || random.next() % 4 == 0 {
      let number = Double(random.next() % 1000) / 8
      return ("\(number)", number)
    }
    let (a, x) = Self.random(&random, depth: depth - 1)
    let (b, y) = Self.random(&random, depth: depth - 1)
    switch random.next() % 8 {
    case 0: return ("(\(a) + \(b))", x + y)
    case 1: return ("(\(a) - \(b))", x - y)
    case 2: return ("(\(a) * \(b))", x * y)
    case 3: return ("(\(a) / \(b))", x / y)
    case 4: return ("(-\(a))", -x)
    case 5: return ("min(\(a), \(b))", x.isNaN || y.isNaN ? .nan : Swift.min(x, y))
    case 6: return ("floor(\(a))", x.rounded(.down))
    default: return ("abs(\(a))", x.magnitude)
    }
  }

  @Test func `random text never traps the parser`() {
    var random = SplitMix64(seed: 5)
    let alphabet = [
      "1", "2.5", "a", "min", "(", ")", ",", "+", "-", "*", "/", "^", " ", "e", ".", "\u{E9}", "sqrt(",
    ]
    for round in 0..<3000 {
      _ = try? Formula(parsing: randomText(&random, alphabet: alphabet, length: round % 30))
    }
  }
}
