import Records

/// A whole number of a definition: written there, or taken from a column of the row.
struct RowCount: Sendable, Hashable {
  private enum Source: Sendable, Hashable {
    case fixed(Int)
    case row(Template)
  }
  private let source: Source

  init(_ count: Int) { source = .fixed(count) }
  fileprivate init(_ template: Template) { source = .row(template) }

  /// The number, when it is the same for all rows.
  var fixed: Int? { if case .fixed(let count) = source { count } else { nil } }

  /// - Throws: `invalidVariable` when the row has no such column, or no whole number of at least 0 there.
  func value(for sample: GradingSample) throws(GradeFailure) -> Int {
    switch source {
    case .fixed(let count): return count
    case .row(let template):
      // Templates that read the answer are refused when the definition is read.
      guard case .text(let text) = try template.render(sample),
        let count = Int(text) ?? Double(text).flatMap(Int.init(exactly:)), count >= 0
      else {
        let row = sample.exampleID.isEmpty ? "this item" : "the row '\(sample.exampleID)'"
        throw GradeFailure(
          .invalidVariable,
          "\(template.source) of \(row) is no whole number of at least 0; correct the column")
      }
      return count
    }
  }
}

extension DefinitionReader {
  /// A whole number of at least 0, or a template for one such as `{{item.budget}}`; nil when it is absent or was reported.
  func rowCount(_ key: String) -> RowCount? {
    guard let text = object[key]?.string, text.utf8Contains("{{") else {
      return count(key).map { RowCount($0) }
    }
    guard let template = template(key) else { return nil }
    if template.readsAnswer {
      error(
        key,
        "reads the answer, which would set its own bound; use a number or a column such as {{item.budget}}")
    }
    return RowCount(template)
  }
}
