import Foundation
import Plans
import Records
import Testing

@Suite struct `Writing a plan` {
  static let additions = [
    "",
    "name: \"yes\"\nseed: 7\nalgorithm: {name: dapo, truncated: penalise, truncation_penalty: 0.25}",
    "exact: false",
    "training: {method: full, epsilon: 1.0e-10}\nevaluation: {plateau: off}",
    "evaluation: {every: 0}\nsampling: {stop: ['\\n\\n', \"a: b\", '#', \"tab\\t\"], min_p: 0.05}",
    "algorithm: {name: rloo, kl: {coefficient: 0.001, estimator: k3}}\ntraining: {lora: {targets: [v_proj]}}",
  ]

  @Test(arguments: additions)
  func `what is written reads back as the same plan`(addition: String) throws {
    let plan = try read(smallPlan + "\n" + addition).resolved()
    let text = PlanWriter.yaml(plan)
    let again = read(text)
    #expect(again.diagnostics.filter { $0.severity == .error } == [], "\(text)")
    #expect(again.plan == plan, "\(text)")
    #expect(PlanWriter.yaml(again.plan) == text)
  }

  @Test(arguments: [
    "def grade(s, i):\n  return 1\n", "two\nlines", "ends twice\n\n", " led by a space\nx", "a\n\nb: c # d\n",
    "trailing \nspace", "only\n   \nspaces", "tab\tin\nit", "", "null", "12", "- a", "\u{2028}\nx",
    "caf\u{e9}\nau lait",
    "{{sample.output_text}}", "off", "~", "1e5", "'", "\"", "a\u{7}b\n", "@at", "x: y", "#no",
  ])
  func `any text of a grader comes back as it was`(text: String) throws {
    var plan = try read(smallPlan).resolved()
    plan.grader = [
      "type": "string_check", "name": .string(text),
      "nested": [["a": .string(text), "b": [1, 2.5, nil, true]], [], [[.string(text)]], [:]],
      "list": [.string(text)],
    ]
    let yaml = PlanWriter.yaml(plan)
    #expect(read(yaml).plan.grader == plan.grader, "\(yaml)")
  }

  @Test(arguments: [
    (0.0001, "0.0001"), (1e-05, "0.00001"), (2.5e-06, "0.0000025"), (1.0, "1"), (0.28, "0.28"), (-3.0, "-3"),
    (1e-10, "1e-10"), (0, "0"), (2, "2"),
  ])
  func `numbers are written as a person would`(number: Double, text: String) throws {
    var plan = try read(smallPlan).resolved()
    plan.evaluation.fullMarks = number
    #expect(PlanWriter.yaml(plan).contains("full_marks: \(text)\n"))
  }

  @Test func `the reference page is up to date`() throws {
    let file = packageFolder.appending(path: "Docs/plan-reference.md").path
    let page = try String(contentsOfFile: file, encoding: .utf8)
    #expect(
      page == PlanReference.markdown,
      "run: operant plan reference --write Docs/plan-reference.md")
  }

  @Test func `every field and section stands in the reference page`() {
    let page = PlanReference.markdown
    for field in PlanTable.fields { #expect(page.contains("| `\(field.key)` |"), "\(field.path)") }
    for section in PlanTable.fields.map(\.section) where !section.isEmpty {
      #expect(PlanTable.sections.contains { $0.path == section }, "\(section) has no sentence of its own")
    }
  }

  @Test func `recipes are valid and at most 25 lines`() throws {
    let recipes = packageFolder.appending(path: "Recipes").path
    let names = (try? FileManager.default.contentsOfDirectory(atPath: recipes)) ?? []
    for name in names.sorted() {
      let file = "\(recipes)/\(name)/plan.yaml"
      guard let text = try? String(contentsOfFile: file, encoding: .utf8) else { continue }
      let lines = text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) && !$0.hasPrefix("#") }
      #expect(lines.count <= 25, "\(file)")
      #expect(PlanReader.read(file: file).diagnostics.filter { $0.severity == .error } == [], "\(file)")
    }
  }
}
