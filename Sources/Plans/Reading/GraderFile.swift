import Foundation
package import Records
import Yams

/// A grader's definition in a file of its own, JSON or YAML.
package enum GraderFile {
  /// Reads the definition as it was written.
  ///
  /// - Throws: `InvalidInput` with file and line, for a file that cannot be read or holds no object.
  package static func read(_ path: String) throws(InvalidInput) -> JSONValue {
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
    let value = try parse(text, file: path)
    guard value.object != nil else {
      throw InvalidInput([
        Diagnostic(
          .error, file: path, line: 1,
          message: "\(value.kind) was given; expected a grader's definition, an object")
      ])
    }
    return value
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
