import Foundation
import Records
import Testing

@testable import Tokenization

/// Rendered text against `jinja2` in the environment of Hugging Face, for what `Scripts/parity/templates.py`
/// makes: conversations through templates, and expressions.
@Suite(.enabled(if: Parity.hasPython))
struct TemplateParityTests {
  /// The time that the script tells templates.
  static let now = 1_790_000_000
  static let reference = Result { try Parity(script: "templates") }

  private enum Outcome: Equatable {
    case text([UInt8])
    case raised(String)
    case failed
    /// An error that says that something is not supported.
    case refused

    init(_ expected: JSONValue) {
      if let text = expected["text"]?.string {
        self = .text(Array(text.utf8))
      } else if expected["error"]?.string == "raised" {
        self = .raised(expected["message"]?.string ?? "")
      } else {
        self = .failed
      }
    }

    init(rendering template: ChatTemplate, _ variables: [String: JSONValue]) {
      do {
        self = .text(Array(try template.render(TemplateContext(variables, now: now)).utf8))
      } catch {
        self =
          error.kind == .raised
          ? .raised(error.message) : error.message.contains("not supported") ? .refused : .failed
      }
    }

    var text: String {
      switch self {
      case .text(let bytes): String(decoding: bytes, as: UTF8.self).debugDescription
      case .raised(let message): "raised \(message)"
      case .failed: "an error"
      case .refused: "a refusal"
      }
    }
  }

  private func variables(_ json: JSONValue?) throws -> [String: JSONValue] {
    let object = try #require(json?.object)
    return Dictionary(uniqueKeysWithValues: object.members.map { ($0.key, $0.value) })
  }

  @Test func `templates render conversations byte for byte as jinja2 does`() throws {
    let reference = try Self.reference.get()
    var templates: [String: ChatTemplate] = [:]
    for entry in try reference.documents("templates.jsonl") {
      let name = try #require(entry["name"]?.string)
      templates[name] = try ChatTemplate(source: #require(entry["source"]?.string))
    }
    #expect(templates.count >= 12)
    var (compared, raised, mismatches) = (0, 0, 0)
    for entry in try reference.documents("conversations.jsonl") {
      let name = try #require(entry["template"]?.string)
      let template = try #require(templates[name])
      let expected = Outcome(entry)
      let outcome = try Outcome(rendering: template, variables(entry["variables"]))
      compared += 1
      if case .raised = expected { raised += 1 }
      if outcome == expected || outcome == .refused && expected == .failed { continue }
      mismatches += 1
      if mismatches <= 5 {
        Issue.record(
          "\(name), \(entry["variables"]!.serialised()): \(outcome.text) instead of \(expected.text)")
      }
    }
    print("\(templates.count) templates, \(compared) renders (\(raised) raise), \(mismatches) mismatches")
    #expect(mismatches == 0)
    #expect(raised > 30)
  }

  @Test func `expressions have the values that jinja2 gives them`() throws {
    let reference = try Self.reference.get()
    let file = try Data(contentsOf: reference.folder.appending(path: "variables.json"))
    let variables = try self.variables(JSONValue(parsing: Array(file)))
    var (compared, refused, mismatches) = (0, 0, 0)
    for entry in try reference.documents("snippets.jsonl") {
      let source = try #require(entry["source"]?.string)
      let expected = Outcome(entry)
      let outcome: Outcome
      do throws(TemplateError) {
        outcome = Outcome(rendering: try ChatTemplate(source: source), variables)
      } catch {
        outcome = error.kind == .unsupported ? .refused : .failed
      }
      compared += 1
      if outcome == expected || outcome == .refused && expected == .failed { continue }
      // Said not to be supported: printing what Python prints with an address or as a view, formatting with `%`,
      // methods of text that is marked safe.
      if outcome == .refused {
        refused += 1
        continue
      }
      mismatches += 1
      if mismatches <= 40 {
        Issue.record(
          "\(source): \(outcome.text) instead of \(expected.text) \(entry["message"]?.string ?? "")")
      }
    }
    print("\(compared) expressions, \(refused) refused, \(mismatches) mismatches")
    #expect(mismatches == 0)
    #expect(refused < compared / 50)
  }
}
