import Foundation
import Graders
import Records

/// Answers to grade from a JSONL file: `{"item": {...}, "answer": "..."}` a line. `sample`, `output`, `output_text` and
/// `model_sample` are taken for `answer`; a line without `item` is its own item.
struct AnswerRows {
  /// An answer and whatever else its line holds.
  struct Row {
    let line: Int
    let sample: GradingSample
    let object: JSONObject
  }

  static let answerKeys = ["answer", "sample", "output", "output_text", "model_sample"]
  let rows: [Row]

  /// - Throws: every line that is wrong, at once.
  init(file: String) throws(CommandFailure) {
    let text = try TextInput.contents(of: file)
    var rows: [Row] = []
    var problems: [Diagnostic] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard line.contains(where: { !$0.isWhitespace }) else { continue }
      do throws(Problem) {
        rows.append(try Self.row(String(line), number: index + 1))
      } catch {
        problems.append(Diagnostic(.error, file: file, line: index + 1, message: error.message))
      }
    }
    if problems.isEmpty, rows.isEmpty {
      problems.append(
        Diagnostic(
          .error, file: file,
          message: #"there is no answer in it; expected lines of {"item": {...}, "answer": "..."}"#))
    }
    guard problems.isEmpty else { throw CommandFailure(InvalidInput(problems)) }
    self.rows = rows
  }

  private struct Problem: Error { let message: String }

  private static func row(_ line: String, number: Int) throws(Problem) -> Row {
    let value: JSONValue
    do throws(JSONSyntaxError) { value = try JSONValue(parsing: line) } catch {
      throw Problem(message: "this is not JSON: \(error.message)")
    }
    guard let object = value.object else {
      throw Problem(message: "expected an object, found \(value.kind)")
    }
    let given = object["item"]
    if let given, given.object == nil {
      throw Problem(message: "item: expected an object of the row's columns, found \(given.kind)")
    }
    // In a line that is its own item, "answer" is the reference, as in data sets.
    let keys = given == nil ? Array(answerKeys.dropFirst()) : answerKeys
    guard let key = keys.first(where: { object[$0] != nil }) else {
      throw Problem(message: "has no answer; expected one of the keys \(keys.joined(separator: ", "))")
    }
    guard let answer = object[key]?.string else {
      throw Problem(message: "\(key): expected text, found \(object[key]?.kind ?? "nothing")")
    }
    let item =
      given?.object
      ?? JSONObject(
        object.members.filter { $0.key != key && !["messages", "tools"].contains($0.key) }.map {
          ($0.key, $0.value)
        })
    let id = object["id"]?.string ?? "line \(number)"
    return Row(
      line: number, sample: GradingSample(outputText: answer, item: item, exampleID: id), object: object)
  }
}
