import Records
import Testing

@testable import Graders

/// Against the jsonschema package, where it is installed.
@Suite(.enabled(if: SchemaReference.isInstalled))
struct SchemaParityTests {
  @Test func `every value is valid or not as the reference says`() throws {
    var compared = 0
    var mismatches = 0
    for row in try SchemaReference.documents("pairs.jsonl") {
      let document = try #require(row["schema"])
      let problems = DefinitionProblems(file: "")
      let schema = try #require(
        JSONSchema.compile(document, path: "", problems: problems),
        "\(document.serialised()): \(problems.diagnostics)")
      for instance in try #require(row["instances"]?.array) {
        let value = try #require(instance["value"])
        let violations = try schema.violations(of: value)
        compared += 1
        guard violations.isEmpty != instance["valid"]?.bool else { continue }
        mismatches += 1
        if mismatches <= 5 {
          Issue.record("\(document.serialised()) on \(value.serialised()): \(violations)")
        }
      }
    }
    print("json schema: \(compared) values, \(mismatches) mismatches")
    #expect(compared > 10_000 && mismatches == 0)
  }

  @Test func `a schema is refused when the meta-schema refuses it`() throws {
    var refused = 0
    var accepted = 0
    for row in try SchemaReference.documents("schemas.jsonl") {
      let document = try #require(row["schema"])
      let problems = DefinitionProblems(file: "")
      let schema = JSONSchema.compile(document, path: "schema", problems: problems)
      if schema == nil { refused += 1 } else { accepted += 1 }
      #expect((schema != nil) == row["valid"]?.bool, "\(document.serialised()): \(problems.diagnostics)")
      #expect(problems.diagnostics.allSatisfy { $0.path.hasPrefix("schema") })
    }
    print("json schema: \(refused) schemas refused and \(accepted) accepted as by the meta-schema")
    #expect(refused > 300 && accepted > 300)
  }

  @Test func `formats agree`() throws {
    let rows = try SchemaReference.documents("formats.jsonl")
    for row in rows {
      let format = try #require(SchemaFormat(rawValue: row["format"]?.string ?? ""))
      let text = try #require(row["text"]?.string)
      #expect(format.holds(for: text) == row["valid"]?.bool, "\(format.rawValue) \(text.debugDescription)")
    }
    #expect(rows.count > 80)
  }
}
