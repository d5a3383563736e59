import Foundation
import Records

/// Where a code grader has its tests from: a column of the row, the definition, or a file beside it.
struct CodeTestSource: Sendable {
  /// The tests of one row.
  struct Tests: Sendable {
    var functions: [JSONValue]
    var programs: [(input: String, output: String)]
    var setup: String
    var entryPoint: String
    var module: String
  }

  private enum Place {
    case row(Template)
    case fixed([CodeTest])
  }

  private var place: Place
  private let setup: Template?
  private let entryPoint: Template?
  private let module: String
  private let tolerance: Double
  private let isPython: Bool
  /// What was read from files, which is part of the definition.
  private(set) var fileTexts: [String] = []

  static let keys = ["tests", "test_file", "setup", "entry_point", "module", "tolerance"]
  private static let ofPython = ["test_file", "setup", "entry_point", "module", "tolerance"]

  init(_ reader: DefinitionReader, isPython: Bool) {
    self.isPython = isPython
    setup = reader.template("setup")
    entryPoint = reader.template("entry_point")
    module = reader.string("module") ?? "solution"
    tolerance = reader.number("tolerance") ?? 0
    place = .fixed([])
    if !isPython {
      for key in Self.ofPython where reader.object[key] != nil {
        reader.error(
          key, "is for tests of Python's functions; other languages are tested by 'stdin' and 'stdout'")
      }
    }
    switch (reader.object["tests"], reader.object["test_file"]) {
    case (nil, nil):
      place = Self.column
    case (.some, .some):
      reader.error("test_file", "given beside 'tests'; keep one of them")
    case (.some(.string), nil):
      if let template = reader.template("tests") {
        if template.readsAnswer {
          reader.error("tests", "are read from the answer, which could pass them by choice")
        }
        if template.literal != nil {
          reader.error("tests", "expected a list, or a column such as {{item.tests}}")
        }
        place = .row(template)
      }
    case (.some(let value), nil): fix(value, "tests", reader)
    case (nil, .some):
      guard let name = reader.string("test_file") else { return }
      guard let bytes = FileManager.default.contents(atPath: reader.surroundings.path(name)),
        let text = String(bytes: bytes, encoding: .utf8)
      else {
        reader.error("test_file", "'\(reader.surroundings.path(name))' cannot be read as UTF-8")
        return
      }
      fileTexts = [text]
      fix(.string(text), "test_file", reader)
    }
  }

  private static let column = Place.row(.column("tests"))

  private mutating func fix(_ value: JSONValue, _ key: String, _ reader: DefinitionReader) {
    do throws(CodeTest.Mistake) {
      let tests = try CodeTest.list(value, tolerance: tolerance)
      if let problem = problem(with: tests) { reader.error(key, problem) }
      place = .fixed(tests)
    } catch {
      reader.error(key, error.message)
    }
  }

  private func problem(with tests: [CodeTest]) -> String? {
    guard !isPython, tests.contains(where: { if case .functions = $0 { true } else { false } }) else {
      return nil
    }
    return "only Python's functions can be called; expected tests with 'stdin' and 'stdout'"
  }

  /// - Throws: `invalidVariable` when the row has no tests, or has something else in their place.
  func tests(for sample: GradingSample) throws(GradeFailure) -> Tests {
    let list: [CodeTest]
    switch place {
    case .fixed(let tests): list = tests
    case .row(let template):
      guard case .text(let text) = try template.render(sample) else {
        preconditionFailure("tests come from the row")
      }
      let value = (try? JSONValue(parsing: text)).flatMap { $0.array == nil ? nil : $0 } ?? .string(text)
      do throws(CodeTest.Mistake) {
        list = try CodeTest.list(value, tolerance: tolerance)
      } catch {
        throw GradeFailure(.invalidVariable, "\(template.source): \(error.message)")
      }
      if let problem = problem(with: list) {
        throw GradeFailure(.invalidVariable, "\(template.source): \(problem)")
      }
    }
    var tests = Tests(
      functions: [], programs: [], setup: try Self.text(setup, sample),
      entryPoint: try Self.text(entryPoint, sample), module: module)
    if entryPoint == nil { tests.entryPoint = sample.item["entry_point"]?.string ?? "" }
    for test in list {
      switch test {
      case .functions(let value): tests.functions.append(value)
      case .program(let input, let output): tests.programs.append((input, output))
      }
    }
    return tests
  }

  private static func text(_ template: Template?, _ sample: GradingSample) throws(GradeFailure) -> String {
    guard let template, case .text(let text) = try template.render(sample) else { return "" }
    return text
  }
}
