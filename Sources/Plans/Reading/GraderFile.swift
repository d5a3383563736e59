import Foundation
package import Graders
package import Records
import Yams

/// A grader's definition in a file of its own, JSON or YAML.
package struct GraderFile: Sendable {
  package let path: String
  /// The definition as it was written.
  package let definition: JSONValue
  /// Lines of the definition's parts, by path: `graders.length.weight`.
  let lines: [String: Int]

  /// Reads a definition.
  ///
  /// - Throws: `InvalidInput` with file and line, for a file that cannot be read or holds no object.
  package init(_ path: String) throws(InvalidInput) {
    let text = try Self.text(path)
    self.path = path
    definition = try Self.parse(text, file: path)
    // JSON is YAML, but for corners that only cost a line number.
    lines = YAMLDocument(text, file: path).root?.linesOfParts() ?? [:]
    guard definition.object != nil else {
      throw InvalidInput([
        Diagnostic(
          .error, file: path, line: 1,
          message: "\(definition.kind) was given; expected a grader's definition, an object")
      ])
    }
  }

  /// The grader, and what is worth a word though it is no error.
  ///
  /// - Throws: `InvalidInput` with everything that is wrong with the definition, each at its line.
  package func compiled(surroundings: GraderSurroundings = GraderSurroundings()) throws(InvalidInput) -> (
    grader: any Grader, warnings: [Diagnostic]
  ) {
    let compilation = GraderCompiler.check(definition, file: path, path: "", surroundings: surroundings)
    let diagnostics = compilation.diagnostics.map { problem in
      var problem = problem
      problem.line = line(of: problem.path)
      return problem
    }
    guard let grader = compilation.grader else { throw InvalidInput(diagnostics) }
    return (grader, diagnostics)
  }

  private func line(of place: String) -> Int {
    var place = place[...]
    while !place.isEmpty {
      if let line = lines[String(place)] { return line }
      place = place.prefix(upTo: place.lastIndex { $0 == "." || $0 == "[" } ?? place.startIndex)
    }
    return 1
  }

  private static func text(_ path: String) throws(InvalidInput) -> String {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw InvalidInput([
        Diagnostic(.error, file: path, message: "the grader's file cannot be read; check its path and mode")
      ])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw InvalidInput([
        Diagnostic(.error, file: path, message: "the grader's file is not UTF-8 text; save it as UTF-8")
      ])
    }
    return text
  }

  private static func parse(_ text: String, file: String) throws(InvalidInput) -> JSONValue {
    if file.hasSuffix(".json") {
      do throws(JSONSyntaxError) { return try JSONValue(parsing: text) } catch {
        throw InvalidInput([
          Diagnostic(.error, file: file, line: error.line, message: "this is not JSON: \(error.message)")
        ])
      }
    }
    let document = YAMLDocument(text, file: file)
    guard document.diagnostics.isEmpty else { throw InvalidInput(document.diagnostics) }
    guard let root = document.root else { return .null }
    do throws(ShapeError) { return try JSONValue(yaml: root) } catch {
      throw InvalidInput([Diagnostic(.error, file: file, path: error.path, message: error.message)])
    }
  }
}
