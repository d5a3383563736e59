internal import Foundation
internal import Synchronization

/// The service's figures, written in Prometheus' text format (version 0.0.4). Names begin with `operant:`.
///
/// Counters and histograms are added to as things happen; gauges that can be read at any time come from sources, which
/// are asked when somebody looks.
package final class MetricsRegistry: Sendable {
  package enum Kind: String, Sendable, Hashable { case counter, gauge, histogram }

  /// A label's name and value; a family's labels always come in one order.
  package typealias Labels = [(name: String, value: String)]

  /// A figure as a source reports it.
  package struct Reading: Sendable {
    package var name: String
    package var help: String
    package var kind: Kind
    package var labels: [(name: String, value: String)]
    package var value: Double

    package init(
      _ name: String, _ kind: Kind = .gauge, help: String, labels: [(name: String, value: String)] = [],
      value: Double
    ) {
      self.name = name
      self.kind = kind
      self.help = help
      self.labels = labels
      self.value = value
    }
  }

  package typealias Source = @Sendable () async -> [Reading]

  private struct Series: Sendable {
    var labels: String
    var sum = 0.0
    var count = 0
    /// Of histograms: how many fell at or below each bound, and above those before it.
    var buckets: [Int] = []
  }

  private struct Family: Sendable {
    var kind: Kind
    var help: String
    var bounds: [Double] = []
    var series: [String: Series] = [:]
  }

  private struct State: Sendable {
    var families: [String: Family] = [:]
    var sources: [Source] = []
  }

  private let state = Mutex(State())
  /// No family grows beyond this: clients choose some labels.
  private static let maxSeries = 2000

  package init() {}

  /// Bounds for requests that take from a millisecond to minutes, in seconds.
  package static let secondsBounds = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
  ]

  /// Adds to a counter.
  package func count(_ name: String, help: String, labels: Labels = [], by amount: Double = 1) {
    update(name, .counter, help, labels, []) { $0.sum += amount }
  }

  /// Sets a gauge.
  package func set(_ name: String, help: String, labels: Labels = [], to value: Double) {
    update(name, .gauge, help, labels, []) { $0.sum = value }
  }

  /// Adds to a gauge, or takes from it.
  package func adjust(_ name: String, help: String, labels: Labels = [], by amount: Double) {
    update(name, .gauge, help, labels, []) { $0.sum += amount }
  }

  /// Counts a value into a histogram.
  package func observe(
    _ name: String, help: String, labels: Labels = [], bounds: [Double] = MetricsRegistry.secondsBounds,
    _ value: Double
  ) {
    update(name, .histogram, help, labels, bounds) { series in
      series.sum += value
      series.count += 1
      if series.buckets.isEmpty { series.buckets = Array(repeating: 0, count: bounds.count) }
      if let place = bounds.firstIndex(where: { value <= $0 }) { series.buckets[place] += 1 }
    }
  }

  /// Asks `source` whenever somebody looks.
  package func add(_ source: @escaping Source) { state.withLock { $0.sources.append(source) } }

  private func update(
    _ name: String, _ kind: Kind, _ help: String, _ labels: Labels, _ bounds: [Double],
    _ change: (inout Series) -> Void
  ) {
    let text = Self.text(labels)
    state.withLock { state in
      if state.families[name] == nil { state.families[name] = Family(kind: kind, help: help, bounds: bounds) }
      // In place: a copy of the family would copy all its series.
      if let family = state.families[name], family.series.count >= Self.maxSeries, family.series[text] == nil
      {
        return
      }
      change(&state.families[name]!.series[text, default: Series(labels: text)])
    }
  }

  /// Everything, as `text/plain; version=0.0.4`.
  package func text() async -> String {
    var readings: [Reading] = []
    for source in state.withLock({ $0.sources }) { readings += await source() }
    var families = state.withLock { $0.families }
    for reading in readings {
      var family = families[reading.name] ?? Family(kind: reading.kind, help: reading.help)
      let labels = Self.text(reading.labels)
      family.series[labels] = Series(labels: labels, sum: reading.value)
      families[reading.name] = family
    }
    var out = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      let name = Self.name(name)
      out += "# HELP \(name) \(Self.escaped(family.help, quotes: false))\n"
      out += "# TYPE \(name) \(family.kind.rawValue)\n"
      for series in family.series.values.sorted(by: { $0.labels < $1.labels }) {
        switch family.kind {
        case .counter, .gauge: out += "\(name)\(Self.braces(series.labels)) \(Self.number(series.sum))\n"
        case .histogram: out += Self.histogram(name, family.bounds, series)
        }
      }
    }
    return out
  }

  private static func histogram(_ name: String, _ bounds: [Double], _ series: Series) -> String {
    var out = ""
    var below = 0
    let before = series.labels.isEmpty ? "" : series.labels + ","
    for (bound, count) in zip(bounds, series.buckets) {
      below += count
      out += "\(name)_bucket{\(before)le=\"\(number(bound))\"} \(below)\n"
    }
    out += "\(name)_bucket{\(before)le=\"+Inf\"} \(series.count)\n"
    out += "\(name)_sum\(braces(series.labels)) \(number(series.sum))\n"
    out += "\(name)_count\(braces(series.labels)) \(series.count)\n"
    return out
  }

  private static func text(_ labels: Labels) -> String {
    labels.map { "\(name($0.name))=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
  }

  private static func braces(_ labels: String) -> String { labels.isEmpty ? "" : "{\(labels)}" }

  private static func name(_ text: String) -> String {
    String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) || $0 == "_" || $0 == ":" ? $0 : "_" })
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    let text = text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    return quotes ? text.replacing("\"", with: "\\\"") : text
  }

  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }
}
