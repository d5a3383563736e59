package import Records

/// Writes a resolved plan as YAML, every field with its value; `PlanReader` reads it back as the same plan.
package enum PlanWriter {
  package static func yaml(_ plan: Plan) -> String {
    var text = ""
    var open: [String] = []
    for field in PlanTable.fields {
      guard let value = field.get(plan) else { continue }
      let sections = field.section.split(separator: ".").map(String.init)
      let shared = zip(open, sections).prefix { $0 == $1 }.count
      for depth in shared..<max(shared, sections.count) {
        if depth == 0 { text += "\n" }
        text += String(repeating: " ", count: 2 * depth) + sections[depth] + ":\n"
      }
      if sections.isEmpty, !open.isEmpty { text += "\n" }
      open = sections
      text += YAMLText.member(field.key, value, indent: 2 * sections.count)
    }
    return text
  }
}
