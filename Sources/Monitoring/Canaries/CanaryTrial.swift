package import Graders
package import Records

/// Gives a grader answers that deserve nothing, and tells what it pays for them.
package struct CanaryTrial: Sendable {
  private let grader: any Grader
  private let definition: JSONValue

  package init(_ grader: any Grader, definition: JSONValue) {
    self.grader = grader
    self.definition = definition
  }

  /// Grades every canary for each of the Examples, one at a time: beside others of its kind a canary might win a
  /// comparison.
  ///
  /// - Parameters:
  ///   - others: rows that another row's answer is taken from.
  ///   - moment: the end of every schedule by default, where a reward pays for most.
  package func run(_ examples: [Example], others: [Example], at moment: GradingMoment = .final) async
    -> CanaryReport
  {
    var entries: [CanaryReport.Entry] = []
    for canary in Canary.allCases {
      let answers = examples.compactMap { example in
        canary.answer(to: example, others: others, definition: definition).map { (example, $0) }
      }
      guard !answers.isEmpty else { continue }
      let grades = await grade(answers, at: moment)
      let rewards = grades.map { $0.reward ?? -.infinity }
      let graded = rewards.filter(\.isFinite)
      let best = rewards.indices.max { rewards[$0] < rewards[$1] } ?? 0
      entries.append(
        CanaryReport.Entry(
          canary: canary,
          reward: graded.isEmpty ? .nan : graded.reduce(0, +) / Double(graded.count), graded: graded.count,
          failed: rewards.count - graded.count, answer: String(answers[best].1.prefix(200)),
          exampleID: answers[best].0.id))
    }
    return CanaryReport(entries: entries)
  }

  private func grade(_ answers: [(Example, String)], at moment: GradingMoment) async -> [Grade] {
    await withTaskGroup(of: (Int, Grade).self) { tasks in
      for (place, (example, answer)) in answers.enumerated() {
        tasks.addTask { [grader] in
          let sample = GradingSample(
            outputText: answer, item: example.item, exampleID: example.id, messages: example.messages,
            generatedTokens: max(1, answer.utf8.count / 4), thinkingTokens: 0, moment: moment)
          let grades = await grader.checkedGrades(of: [sample])
          return (place, grades[0])
        }
      }
      var grades = [Grade?](repeating: nil, count: answers.count)
      for await (place, grade) in tasks { grades[place] = grade }
      return grades.compactMap { $0 }
    }
  }
}

extension CanaryReport {
  /// One alarm for each canary that was paid too much.
  package func alarms(_ plan: CanaryPlan, fullMarks: Double, step: Int) -> [Alarm] {
    paid(plan.limit, fullMarks: fullMarks).map { entry in
      Alarm(
        .canary, subject: entry.canary.rawValue, step: step, value: entry.reward, baseline: nil,
        limit: plan.limit * fullMarks, action: plan.action,
        message: """
          the grader pays \(figure(entry.reward)) for \(entry.canary.title) (\(entry.graded) tried, at most \
          \(figure(plan.limit * fullMarks)) allowed): a policy will find that out. For the row \
          '\(entry.exampleID)' the answer was: \(entry.answer.prefix(80))
          """)
    }
  }
}
