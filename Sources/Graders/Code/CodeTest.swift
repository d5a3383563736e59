import Records

/// One test of an answer's code, or a file of tests.
enum CodeTest: Sendable, Hashable {
  /// Of Python's functions, in the words of `code_judge.py`: an `assert`, a `call` with what is `expected` or what it
  /// `raises`, or a `file`.
  case functions(JSONValue)
  /// A program that reads standard input and prints.
  case program(input: String, output: String)

  /// Why a value is no test.
  struct Mistake: Error {
    let message: String
  }

  /// Reads what a row or a definition has for tests: a list of them, or the text of a test file.
  static func list(_ value: JSONValue, tolerance: Double) throws(Mistake) -> [CodeTest] {
    if let text = value.string {
      // A list that a column holds as text.
      if let list = try? JSONValue(parsing: text), list.array != nil {
        return try Self.list(list, tolerance: tolerance)
      }
      if text.utf8.allSatisfy({ $0 <= 0x20 }) { throw Mistake(message: "the test file is empty") }
      return [.functions(["file": .string(text)])]
    }
    guard let elements = value.array else {
      throw Mistake(message: "expected a list of tests or the text of a test file, found \(value.kind)")
    }
    if elements.isEmpty { throw Mistake(message: "the list of tests is empty; expected at least one") }
    var tests: [CodeTest] = []
    for (index, element) in elements.enumerated() {
      do throws(Mistake) {
        tests.append(try CodeTest(element, tolerance: tolerance))
      } catch {
        throw Mistake(message: "test \(index + 1) \(error.message)")
      }
    }
    return tests
  }

  private init(_ value: JSONValue, tolerance: Double) throws(Mistake) {
    if let source = value.string {
      self = .functions(["assert": .string(source)])
      return
    }
    guard let object = value.object else {
      throw Mistake(
        message: "is \(value.kind); expected an assert, or an object with 'call' or with 'stdin' and 'stdout'"
      )
    }
    let keys = Set(object.keys)
    if let call = object["call"]?.string {
      if let expected = object["expected"], keys == ["call", "expected"] {
        self = .functions(["call": .string(call), "expected": expected, "tolerance": .number(tolerance)])
        return
      }
      if let name = object["raises"], name.string != nil, keys == ["call", "raises"] {
        self = .functions(["call": .string(call), "raises": name])
        return
      }
      throw Mistake(
        message: "has 'call' and \(Self.listing(keys, besides: "call")); expected 'expected' or 'raises'")
    }
    if let output = object["stdout"]?.string, keys.isSubset(of: ["stdin", "stdout"]),
      object["stdin"] == nil || object["stdin"]?.string != nil
    {
      self = .program(input: object["stdin"]?.string ?? "", output: output)
      return
    }
    throw Mistake(
      message:
        "has \(Self.listing(keys, besides: "")); expected 'call' with 'expected' or 'raises', or 'stdin' and "
        + "'stdout', all texts but 'expected'")
  }

  private static func listing(_ keys: Set<String>, besides left: String) -> String {
    let names = keys.filter { $0 != left }.sorted().map { "'\($0)'" }
    return names.isEmpty ? "nothing else" : names.joined(separator: ", ")
  }
}
