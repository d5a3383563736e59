import Foundation

extension Forecast {
  /// The forecast for a person, one figure a line.
  package var text: String {
    var lines = ["Forecast (rough: within a factor of two or so)", "  memory"]
    for part in memory { lines.append("    " + Self.row(part.name, Self.size(part.bytes))) }
    lines.append("    " + Self.row("total", Self.size(totalBytes)))
    lines.append("  time")
    lines.append("    " + Self.row("sampling a step", Self.duration(samplingSeconds)))
    lines.append("    " + Self.row("grading a step", Self.duration(gradingSeconds)))
    lines.append("    " + Self.row("updating a step", Self.duration(updatingSeconds)))
    lines.append("    " + Self.row("\(steps) steps", Self.duration(Double(steps) * stepSeconds)))
    lines.append("    " + Self.row("held-out measurements", Self.duration(evaluationSeconds)))
    lines.append("    " + Self.row("total", Self.duration(totalSeconds)))
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ figure: String) -> String {
    let dots = String(repeating: " ", count: max(1, 32 - name.count))
    let pad = String(repeating: " ", count: max(0, 9 - figure.count))
    return name + dots + pad + figure
  }

  /// "1.4 GB", "340 MB": powers of ten, as disks and memory meters mostly have it.
  package static func size(_ bytes: Int) -> String {
    let value = Double(bytes)
    return switch value {
    case 1e10...: String(format: "%.0f GB", value / 1e9)
    case 1e9...: String(format: "%.1f GB", value / 1e9)
    case 1e6...: String(format: "%.0f MB", value / 1e6)
    default: String(format: "%.0f kB", value / 1e3)
    }
  }

  /// "42 s", "3 min 20 s", "5 h 7 min".
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite else { return "unknown" }
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    let whole = Int(min(seconds, 1e12).rounded())
    return switch whole {
    case ..<60: "\(whole) s"
    case ..<3600: "\(whole / 60) min \(whole % 60) s"
    default: "\(whole / 3600) h \(whole % 3600 / 60) min"
    }
  }
}
