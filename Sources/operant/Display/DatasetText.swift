import Datasets
import Records

/// A data file's report as lines.
enum DatasetText {
  static func lines(_ report: DatasetReport) -> [String] {
    var lines = report.diagnostics.map(\.description)
    lines.append("\(report.file): \(report.rows) rows" + (report.isUsable ? "" : ", not usable"))
    guard report.rows > 0 else { return lines }
    let roles = report.roles.map { "\($0.messages) \($0.role.rawValue)" }.joined(separator: ", ")
    lines.append("  messages  \(roles)")
    if let spread = report.promptCharacters {
      lines.append("  prompt    \(text(spread)) characters")
    }
    for column in report.columns {
      lines.append("  item.\(column.name): \(column.kinds.joined(separator: " or ")) in \(column.rows) rows")
    }
    if report.rowsWithTools > 0 { lines.append("  tools in \(report.rowsWithTools) rows") }
    return lines
  }

  private static func text(_ spread: DatasetReport.Spread) -> String {
    "\(spread.least) to \(spread.most), half below \(spread.median)"
  }
}
