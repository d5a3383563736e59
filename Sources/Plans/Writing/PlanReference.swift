import Records

/// The reference page of plans, made from the table that also reads them.
package enum PlanReference {
  /// The whole page as Markdown.
  package static var markdown: String {
    var page = introduction
    page += section("", title: "Top level", doc: "")
    for (path, doc) in PlanTable.sections { page += section(path, title: "`\(path)`", doc: doc) }
    page += algorithms
    return page
  }

  private static let introduction = """
    # Plan reference

    This page is generated from the table that reads plans: `operant plan reference --write Docs/plan-reference.md`.

    A plan is a YAML file. Only a source of rows and a grader are required; every other field has the default
    below. `operant train plan.yaml --dry-run` prints the plan with every field filled in.

    - Unknown keys, values of the wrong type or out of range, and values that contradict each other are
      reported all at once, with their lines.
    - `--set algorithm.kl.coefficient=0.01` sets one field over the file; it may be repeated. `--set
      path=null` takes a field or a section out. Members of the grader's definition can be set too:
      `--set grader.graders.length.weight=0.2`.
    - Relative paths begin at the plan's folder; those of `--set` begin at the current folder.


    """

  private static func section(_ path: String, title: String, doc: String) -> String {
    let fields = PlanTable.fields.filter { $0.section == path }
    guard !fields.isEmpty else { return "" }
    var text = "## \(title)\n\n"
    if !doc.isEmpty { text += doc + "\n\n" }
    text += "| key | takes | default | meaning |\n|---|---|---|---|\n"
    for field in fields {
      let takes = cell(field.kind.expectation)
      text += "| `\(field.key)` | \(takes) | \(defaultText(field)) | \(cell(field.doc)) |\n"
    }
    return text + "\n"
  }

  private static func defaultText(_ field: PlanField) -> String {
    if let note = field.defaultNote { return note }
    let plan = Plan(name: "", data: DataPlan(train: .file("")), grader: .null)
    var shown = plan
    // A field that this plan leaves out is shown in a plan that has it.
    if field.get(plan) == nil {
      shown.algorithm.truncated = .penalise
      shown.algorithm.kl.coefficient = 1
    }
    switch field.get(shown) {
    case .string(let text)?: return "`\(text)`"
    case .number(let number)?: return YAMLText.plain(number)
    case .array(let elements)? where elements.isEmpty: return "none"
    case .array(let elements)?: return elements.count == LinearTarget.allCases.count ? "all" : "\(elements)"
    case let value?: return value.serialised(.spaced)
    case nil: return "none"
    }
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }

  private static var algorithms: String {
    var text = """
      ## Algorithms

      What `algorithm.name` stands for; each value can be overridden.

      | name | aggregation | scale | clip_low | clip_high | truncated |
      |---|---|---|---|---|---|

      """
    for name in AlgorithmName.allCases {
      let plan = AlgorithmPlan.defaults(for: name)
      text += "| `\(name.rawValue)` | `\(plan.aggregation.rawValue)` | `\(plan.scale.rawValue)` "
      text += "| \(YAMLText.plain(plan.clipLow)) | \(YAMLText.plain(plan.clipHigh)) "
      text += "| `\(plan.truncated.rawValue)` |\n"
    }
    return text
  }
}
