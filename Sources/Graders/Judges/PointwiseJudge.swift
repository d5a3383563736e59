import Records

/// One question a sample, put to a judge: what `score_model` and `label_model` have in common.
struct PointwiseJudge: Sendable {
  static let keys = ["input", "fence"] + JudgeModel.keys
  private let prompt: JudgePrompt
  private let model: JudgeModel
  private let form: VerdictForm

  /// Nil when something was reported.
  init?(_ reader: DefinitionReader, form: VerdictForm?) {
    let prompt = JudgePrompt(reader)
    let model = JudgeModel(reader)
    guard let prompt, let model, let form else { return nil }
    (self.prompt, self.model, self.form) = (prompt, model, form)
  }

  private enum Question {
    /// By its place among the questions that differ.
    case asked(Int)
    case settled(Grade)
  }

  /// The grades of a group. Its questions are put side by side, and those that are alike only once: attempts at one
  /// Example often end in the same words.
  func grades<Verdict: Sendable>(
    of group: [GradingSample], by identity: GraderIdentity, read: @escaping @Sendable (String) -> Verdict?,
    grade: (Verdict) -> Grade
  ) async -> [Grade] {
    var different: [[JSONValue]] = []
    var places: [[JSONValue]: Int] = [:]
    let questions = group.map { sample in
      question(for: sample) { messages in
        if let place = places[messages] { return place }
        places[messages] = different.count
        different.append(messages)
        return different.count - 1
      }
    }
    let outcomes = await answers(to: different, read: read)
    var isPaid = [Bool](repeating: false, count: different.count)
    return questions.map { question in
      switch question {
      case .settled(let grade): return grade.completed(by: identity, took: .zero)
      case .asked(let place):
        let (outcome, took) = outcomes[place]
        var result: Grade
        switch outcome.verdict {
        case .success(let verdict): result = grade(verdict)
        case .failure(let failure): result = Grade(.failed(failure))
        }
        // What was asked once is paid once.
        if !isPaid[place] { result.judgeTokens = outcome.tokens }
        result.metrics["judge_tries"] = isPaid[place] ? 0 : Double(outcome.tries)
        isPaid[place] = true
        result.outputTail = outcome.tail
        return result.completed(by: identity, took: took)
      }
    }
  }

  private func question(for sample: GradingSample, place: ([JSONValue]) -> Int) -> Question {
    do throws(GradeFailure) {
      switch try prompt.render(sample) {
      case .messages(let messages): return .asked(place(messages))
      case .answerLacks(let reason): return .settled(.unreadable(reason))
      }
    } catch {
      return .settled(Grade(.failed(error)))
    }
  }

  private func answers<Verdict: Sendable>(
    to questions: [[JSONValue]], read: @escaping @Sendable (String) -> Verdict?
  ) async -> [(JudgeModel.Outcome<Verdict>, Duration)] {
    await withTaskGroup(of: (Int, JudgeModel.Outcome<Verdict>, Duration).self) { tasks in
      for (place, messages) in questions.enumerated() {
        tasks.addTask { [model, form] in
          let start = ContinuousClock.now
          let outcome = await model.ask(messages, form, read: read)
          return (place, outcome, start.duration(to: .now))
        }
      }
      var answers: [(Int, JudgeModel.Outcome<Verdict>, Duration)] = []
      for await answer in tasks { answers.append(answer) }
      return answers.sorted { $0.0 < $1.0 }.map { ($0.1, $0.2) }
    }
  }
}
