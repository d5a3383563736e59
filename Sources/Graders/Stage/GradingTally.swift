package import Records

/// How much of a step's grading failed, by cause.
package struct GradingTally: Sendable, Hashable {
  /// One grader's failures of one kind, with the first of them.
  package struct Cause: Sendable, Hashable {
    package var grader: String
    package var kind: GradeFailure.Kind
    package var count: Int
    package var first: FailedSample
  }

  /// A sample whose grading failed: enough to repeat it.
  package struct FailedSample: Sendable, Hashable {
    package var exampleID: String
    package var item: JSONObject
    package var outputText: String
    package var failure: GradeFailure
  }

  package let graded: Int
  package let failed: Int
  /// The most frequent first; equal ones in the order they were met.
  package let causes: [Cause]

  package init(_ groups: [GradedGroup]) {
    var graded = 0
    var causes: [Cause] = []
    for group in groups {
      for episode in group.episodes {
        graded += 1
        guard let failure = episode.grade.failure else { continue }
        if let known = causes.firstIndex(where: { $0.grader == failure.grader && $0.kind == failure.kind }) {
          causes[known].count += 1
        } else {
          let sample = FailedSample(
            exampleID: group.example.id, item: group.example.item,
            outputText: episode.episode.outputText, failure: failure)
          causes.append(Cause(grader: failure.grader, kind: failure.kind, count: 1, first: sample))
        }
      }
    }
    self.graded = graded
    failed = causes.reduce(0) { $0 + $1.count }
    let order = causes.indices.sorted { (-causes[$0].count, $0) < (-causes[$1].count, $1) }
    self.causes = order.map { causes[$0] }
  }

  /// Share of grades that failed; 0 when nothing was graded.
  package var failedShare: Double { graded == 0 ? 0 : Double(failed) / Double(graded) }

  /// Stops a run whose grader fails too often.
  ///
  /// - Parameters:
  ///   - limit: largest share that may fail, 0 to 1.
  ///   - graderFile: the definition's file, named in the command that repeats the failure.
  package func check(limit: Double, graderFile: String) throws(TooManyGradingFailures) {
    guard failedShare > limit, let cause = causes.first else { return }
    throw TooManyGradingFailures(tally: self, limit: limit, cause: cause, graderFile: graderFile)
  }
}

/// Grading failed more often than the plan allows: the run pauses, as the rewards left are of a biased choice.
package struct TooManyGradingFailures: Error, Sendable, Hashable, CustomStringConvertible {
  package let tally: GradingTally
  package let limit: Double
  /// The most frequent cause.
  package let cause: GradingTally.Cause
  package let graderFile: String

  package var description: String {
    """
    grading failed for \(tally.failed) of \(tally.graded) answers (\(Self.percent(tally.failedShare))); \
    the plan allows \(Self.percent(limit)) (limits.grader_errors). \
    Most frequent: \(cause.first.failure), \(cause.count) times, first for the row '\(cause.first.exampleID)'. \
    To repeat it: \(command)
    """
  }

  /// The shell command that grades the first failed sample again.
  package var command: String {
    let item = JSONValue.object(cause.first.item).serialised()
    let arguments = ["--grader", graderFile, "--sample", cause.first.outputText, "--item", item, "--json"]
    return "operant grade run " + arguments.map(Self.shellQuoted).joined(separator: " ")
  }

  private static func percent(_ share: Double) -> String {
    let tenths = (share * 1000).rounded() / 10
    return tenths == tenths.rounded() ? "\(Int(tenths))%" : "\(tenths)%"
  }

  private static func shellQuoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
          UInt8(ascii: "/"):
          true
        default: false
        }
      }
    return isPlain ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
