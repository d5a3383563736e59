import Records

/// OpenAI's `label_model`: a judge picks a label; 1 when it is among `passing_labels`, else 0.
///
/// The metrics `label/<name>` are 1 for the label picked and 0 for the others, so that their means are shares.
struct LabelModelGrader: Grader {
  let identity: GraderIdentity
  private let judge: PointwiseJudge
  private let labels: [String]
  private let passing: Set<String>

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["labels", "passing_labels"] + PointwiseJudge.keys,
      of: "a label_model grader")
    let labels = Self.list(reader, "labels", "the labels that the judge picks from")
    let passing = Self.list(reader, "passing_labels", "the labels that earn the reward")
    if let labels, let passing {
      for (index, label) in passing.enumerated() where !labels.contains(label) {
        let hint = EditDistance.nearest(to: label, among: labels).map { "; did you mean '\($0)'?" } ?? ""
        reader.error(
          "passing_labels[\(index)]", "'\(label)' is not one of \(labels.joined(separator: ", "))\(hint)")
      }
      if Set(labels).isSubset(of: passing) {
        reader.error("passing_labels", "holds every label, so that every answer would pass")
      }
    }
    let form = labels.map { VerdictForm.oneOf($0, name: "label") }
    let judge = PointwiseJudge(reader, form: form)
    guard let labels, let passing, let judge else { return nil }
    (self.identity, self.judge, self.labels, self.passing) = (identity, judge, labels, Set(passing))
  }

  private static func list(_ reader: DefinitionReader, _ key: String, _ meaning: String) -> [String]? {
    guard let list = reader.object[key]?.array, !list.isEmpty else {
      let found = reader.object[key].map { $0.array == nil ? $0.kind : "an empty list" } ?? "nothing"
      reader.error(key, "expected a list of texts, \(meaning); found \(found)")
      return nil
    }
    var texts: [String] = []
    for (index, value) in list.enumerated() {
      guard let text = value.string, !text.isEmpty else {
        reader.error("\(key)[\(index)]", "expected a text that is not empty, found \(value.serialised())")
        continue
      }
      if texts.contains(text) { reader.error("\(key)[\(index)]", "'\(text)' is given twice") }
      texts.append(text)
    }
    return texts
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    let labels = labels
    return await judge.grades(of: group, by: identity) { text in
      VerdictText.label(in: text, among: labels)
    } grade: { label in
      var metrics: [String: Double] = [:]
      for known in labels { metrics["label/\(known)"] = known == label ? 1 : 0 }
      return Grade(.reward(passing.contains(label) ? 1 : 0), metrics: metrics)
    }
  }
}

extension VerdictText {
  /// The label that the `result` names: as it is written, or the only one that differs by case and blanks alone.
  static func label(in text: String, among labels: [String]) -> String? {
    guard let given = result(in: text)?.string else { return nil }
    if labels.contains(given) { return given }
    let folded = FoldedText(given, ignoringCase: true)
    let near = labels.filter { FoldedText($0, ignoringCase: true) == folded }
    return near.count == 1 ? near[0] : nil
  }
}
