/// Every field of a plan, in the order in which a person should read them.
package enum PlanTable {
  package static let fields: [PlanField] =
    general + model + data + sampling + [grader] + algorithm + training + evaluation + limits + defence
    + checkpoints

  /// What each section is for, in the order of the reference page.
  package static let sections: [(path: String, doc: String)] = [
    ("model", "Which model is tuned."),
    ("data", "The Examples, and how they are parted into training and held-out rows."),
    (
      "data.generate",
      "A data set that Operant writes itself, the same for the same seed; in place of `data.train`."
    ),
    ("sampling", "How episodes are sampled."),
    ("sampling.thinking", "The tags around a model's thinking; `thinking: off` counts it with the answer."),
    ("algorithm", "How graded groups become a loss."),
    ("algorithm.kl", "The pull towards the base model."),
    ("training", "How the policy is updated."),
    ("training.lora", "The adapters; only with `training.method: lora`."),
    ("evaluation", "When and on what the policy is measured, with the same grader as in training."),
    ("evaluation.plateau", "When to stop early; `plateau: off` runs all steps."),
    ("limits", "Limits that stop a run with a named cause."),
    ("defence", "How a run watches for a policy that wins points without earning them (Docs/defence.md)."),
    ("defence.canaries", "Answers that deserve nothing, tried on the grader; `canaries: off` tries none."),
    ("defence.gap", "How far the reward may run away from parts of the grader with `held_out: true`."),
    ("defence.drift", "How far answers may change from those of the first step; `drift: off` does not look."),
    ("checkpoints", "When the state of a run is written, and how much of it is kept."),
  ]

  static let byPath = Dictionary(fields.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
  static let sectionPaths = Set(sections.map(\.path))

  /// The keys that may stand directly in a section ("" is the top), in table order.
  static func keys(in section: String) -> [String] {
    var keys: [String] = []
    let prefix = section.isEmpty ? "" : section + "."
    for path in fields.map(\.path) where path.hasPrefix(prefix) {
      let key = String(path.dropFirst(prefix.count).prefix { $0 != "." })
      if !keys.contains(key) { keys.append(key) }
    }
    return keys
  }
}
