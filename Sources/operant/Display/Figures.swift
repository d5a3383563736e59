import Foundation
import Plans
import Records

/// Numbers as people read them; one way everywhere.
enum Figures {
  /// A fixed count of decimals; "nan" and "inf" for what is none.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value > 0 ? "inf" : "-inf" }
    let text = String(format: "%.\(decimals)f", value)
    // A small negative number is not "-0.000".
    return text.allSatisfy { "-0.".contains($0) } && text.hasPrefix("-") ? String(text.dropFirst()) : text
  }

  /// "31%" of a share from 0 to 1.
  static func percent(_ share: Double) -> String { fixed(share * 100, 0) + "%" }

  /// Small positive figures: "0.0123", or "1.2e-05" where that would be nothing.
  static func small(_ value: Double) -> String {
    guard value != 0, abs(value) < 0.0001, value.isFinite else { return fixed(value, 4) }
    return String(format: "%.1e", value)
  }

  /// "134.5 M".
  static func count(_ value: Int) -> String {
    switch value {
    case 1_000_000_000...: fixed(Double(value) / 1e9, 1) + " G"
    case 1_000_000...: fixed(Double(value) / 1e6, 1) + " M"
    case 10_000...: fixed(Double(value) / 1e3, 0) + " k"
    default: "\(value)"
    }
  }

  static func duration(_ seconds: Double) -> String { Forecast.duration(seconds) }
  static func size(_ bytes: Int) -> String { Forecast.size(bytes) }

  /// "0.712 (0.690 to 0.734)".
  static func interval(_ interval: Interval, _ write: (Double) -> String) -> String {
    "\(write(interval.mean)) (\(write(interval.low)) to \(write(interval.high)))"
  }

  static func signed(_ value: Double, _ write: (Double) -> String) -> String {
    (value > 0 ? "+" : "") + write(value)
  }

  /// A row of eighth blocks, lowest value lowest; the mean of neighbours where there are too many values.
  static func sparkline(_ values: [Double], width: Int) -> String {
    let values = values.filter(\.isFinite)
    guard !values.isEmpty, width > 0 else { return "" }
    let count = min(width, values.count)
    let means = (0..<count).map { index in
      let part = values[(index * values.count / count)..<((index + 1) * values.count / count)]
      return part.reduce(0, +) / Double(part.count)
    }
    let low = means.min() ?? 0
    let span = (means.max() ?? 0) - low
    let blocks = Array("▁▂▃▄▅▆▇█")
    return String(
      means.map { span > 0 ? blocks[min(7, Int(($0 - low) / span * 8))] : blocks[3] })
  }
}
