internal import Foundation
internal import Records

extension ModelCard {
  /// The YAML that model hubs index. Texts are written as JSON strings, which YAML reads as they are.
  func frontMatter(_ format: ExportFormat) -> String {
    func quoted(_ text: String) -> String { JSONValue.string(text).serialised() }
    var lines = ["---", "base_model: \(quoted(base.name))"]
    lines.append("base_model_relation: \(format == .peft ? "adapter" : "finetune")")
    lines.append("library_name: \(format == .peft ? "peft" : "transformers")")
    lines.append("pipeline_tag: text-generation")
    if let license = base.license { lines.append("license: \(quoted(license))") }
    if let name = base.licenseName { lines.append("license_name: \(quoted(name))") }
    if let link = base.licenseLink { lines.append("license_link: \(quoted(link))") }
    if !base.languages.isEmpty {
      lines.append("language:")
      lines += base.languages.map { "- \(quoted($0))" }
    }
    lines += ["tags:", "- operant", "- rft", "- reinforcement-learning", "- \(plan.algorithm.name.rawValue)"]
    if plan.training.method == .lora { lines.append("- lora") }
    if let comparison { lines += results(comparison, quoted) }
    return (lines + ["---"]).joined(separator: "\n") + "\n"
  }

  private func results(_ comparison: Comparison, _ quoted: (String) -> String) -> [String] {
    // A figure that could not be measured has no place in an index of figures.
    let metrics = [
      ("reward", "mean held-out reward", comparison.tuned.reward.mean),
      ("full_marks", "share of answers with full marks", comparison.tuned.fullMarks.mean),
    ].filter { $0.2.isFinite }
    guard !metrics.isEmpty else { return [] }
    var lines = [
      "model-index:", "- name: \(quoted(plan.name))", "  results:", "  - task:",
      "      type: text-generation", "    dataset:", "      name: \(quoted(dataName + ", held-out part"))",
      "      type: \(quoted(dataName))", "    metrics:",
    ]
    for (type, name, value) in metrics {
      lines += ["    - type: \(type)", "      name: \(name)", "      value: \(Self.rounded(value))"]
    }
    return lines
  }

  /// The training data by its file's name: the folders above it are the trainer's own business.
  var dataName: String {
    switch plan.data.train {
    case .file(let path): (path as NSString).lastPathComponent
    case .generated(let set, _, _): set.rawValue
    }
  }

  static func rounded(_ value: Double, _ digits: Int = 4) -> String { String(format: "%.\(digits)f", value) }
}
