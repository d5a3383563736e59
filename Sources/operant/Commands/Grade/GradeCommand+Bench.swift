import ArgumentParser
import Foundation
import Graders
import Records

extension GradeCommand {
  struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Measure how many answers a second a grader grades.",
      discussion: """
        Examples:
          operant grade bench --grader grader.json --file answers.jsonl
          operant grade bench --grader grader.json --file answers.jsonl --seconds 20 --width 4
        """)

    @OptionGroup var grader: GraderOptions
    @Option(help: ArgumentHelp("Answers, JSONL; taken in turn.", valueName: "file"))
    var file: String
    @Option(help: "How long to measure.")
    var seconds = 5.0
    @Option(help: "Answers graded at a time.")
    var width = 16
    @Flag(help: "Print the figures as JSON.")
    var json = false

    func validate() throws {
      if seconds <= 0 { throw ValidationError("--seconds is \(seconds); expected a time above 0") }
      if width < 1 { throw ValidationError("--width is \(width); expected at least 1") }
    }

    func run() async throws {
      let (compiled, _) = try grader.compiled()
      let samples = try AnswerRows(file: file).rows.map(\.sample)
      // The first grades start processes and connections.
      _ = await ManyGrades(of: Array(samples.prefix(width)), by: compiled, width: width)
      let start = ContinuousClock.now
      var latencies: [Double] = []
      var failed = 0
      while (ContinuousClock.now - start).seconds < seconds {
        let lot = (0..<max(width, 64)).map { samples[(latencies.count + $0) % samples.count] }
        for grade in await ManyGrades(of: lot, by: compiled, width: width).grades {
          latencies.append(grade.latencySeconds)
          if grade.reward == nil { failed += 1 }
        }
      }
      let elapsed = (ContinuousClock.now - start).seconds
      latencies.sort()
      let rate = Double(latencies.count) / elapsed
      let (median, high) = (latencies[latencies.count / 2], latencies[latencies.count * 99 / 100])
      if json {
        let report: JSONValue = [
          "grades_per_second": .number(rate), "grades": .integer(latencies.count), "failed": .integer(failed),
          "latency_median_seconds": .number(median), "latency_p99_seconds": .number(high),
        ]
        return Terminal.write(report.serialised(.spaced) + "\n")
      }
      Terminal.write(
        """
        \(Figures.fixed(rate, rate < 100 ? 1 : 0)) grades a second, \(width) at a time (\(latencies.count) grades, \(failed) failed)
        one takes \(Figures.small(median * 1000)) ms in the middle, \(Figures.small(high * 1000)) ms at the 99th percentile

        """)
    }
  }
}
