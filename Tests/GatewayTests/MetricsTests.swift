import Foundation
import Gateway
import OperantTesting
import Records
import Testing

/// Figures as Prometheus reads them: judged by its own parser where Python has it.
struct MetricsTests {
  private static let missing = PythonScript.missing("prometheus_client")

  static func registry() -> MetricsRegistry {
    let metrics = MetricsRegistry()
    metrics.count("operant:things_total", help: "Things.", labels: [("kind", "a \"b\"\\\nc")], by: 2)
    metrics.count("operant:things_total", help: "Things.", labels: [("kind", "other")])
    metrics.set("operant:level", help: "A level\nin two lines.", to: 0.25)
    metrics.adjust("operant:level", help: "", by: 0.5)
    for value in [0.01, 0.05, 0.2, 7] {
      metrics.observe("operant:seconds", help: "Seconds.", bounds: [0.05, 0.1, 1], value)
    }
    metrics.add { [.init("operant:jobs", help: "Jobs.", labels: [("status", "queued")], value: 3)] }
    return metrics
  }

  @Test func `figures are written as Prometheus' text format has it`() async {
    #expect(
      await Self.registry().text() == #"""
        # HELP operant:jobs Jobs.
        # TYPE operant:jobs gauge
        operant:jobs{status="queued"} 3
        # HELP operant:level A level\nin two lines.
        # TYPE operant:level gauge
        operant:level 0.75
        # HELP operant:seconds Seconds.
        # TYPE operant:seconds histogram
        operant:seconds_bucket{le="0.05"} 2
        operant:seconds_bucket{le="0.1"} 2
        operant:seconds_bucket{le="1"} 3
        operant:seconds_bucket{le="+Inf"} 4
        operant:seconds_sum 7.26
        operant:seconds_count 4
        # HELP operant:things_total Things.
        # TYPE operant:things_total counter
        operant:things_total{kind="a \"b\"\\\nc"} 2
        operant:things_total{kind="other"} 1

        """#)
  }

  @Test func `a family stops growing, so that clients cannot fill the memory`() async {
    let metrics = MetricsRegistry()
    for number in 0..<5000 { metrics.count("operant:x_total", help: "", labels: [("n", "\(number)")]) }
    #expect(await metrics.text().split(separator: "\n").count == 2002)
  }

  @Test(.enabled(if: Self.missing == nil, "\(Self.missing ?? "")"), .timeLimit(.minutes(30)))
  func `Prometheus' own parser reads what was meant`() async throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "metrics-\(UUID().uuidString)").path
    try await Self.registry().text().write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let families = try JSONValue(parsing: try await PythonScript.output(of: "service/metrics.py", [file]))
    #expect(families["operant:things"]?["type"]?.string == "counter")
    #expect(families["operant:things"]?["samples"]?.array?.count == 2)
    let samples = families["operant:things"]?["samples"]?.array ?? []
    #expect(samples.contains { $0["labels"]?["kind"]?.string == "a \"b\"\\\nc" && $0["value"]?.double == 2 })
    #expect(families["operant:seconds"]?["type"]?.string == "histogram")
    #expect(families["operant:level"]?["help"]?.string == "A level\nin two lines.")
  }
}
