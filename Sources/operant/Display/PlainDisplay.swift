import Foundation
import Records
import Synchronization

/// One line a step, without cursor control: for logs and pipes.
final class PlainDisplay: EventDisplay {
  private let view = Mutex(RunView())
  private let start = ContinuousClock.now

  func show(_ event: WorkerEvent, line: String) {
    let now = (ContinuousClock.now - start).seconds
    let lines = view.withLock { view in
      view.take(event, now: now)
      return Self.lines(event, view)
    }
    for line in lines { Terminal.write(line + "\n") }
  }

  func note(_ text: String) { Terminal.writeError(text + "\n") }
  func close() {}

  /// What an event adds to the log; `view` has taken it in already.
  static func lines(_ event: WorkerEvent, _ view: RunView) -> [String] {
    switch event {
    case .modelLoaded(let model):
      return [
        "model \(model.name)  \(Figures.count(model.parameters)) parameters  \(Figures.count(model.trainableParameters)) trained  \(model.dtype.rawValue)  loaded in \(Figures.duration(model.seconds))"
      ]
    case .runStarted(let run):
      return [
        "run \(run.name)  \(run.firstStep) of \(run.steps) steps done  \(run.trainExamples) rows  \(run.heldOutExamples) held out  \(run.folder)"
          + (run.isSandboxed ? "" : "  " + DefenceText.noSandbox)
      ]
    case .step(let record, let timing, let rate, _):
      return [
        StepColumns.line(
          record, timing, tokensPerSecond: rate, done: view.run.map { "\(view.stepsDone)/\($0.steps)" },
          secondsLeft: view.secondsLeft)
      ]
    case .evaluation(let step, let summary): return ["held-out step \(step)  " + Self.summary(summary)]
    case .evaluated(let summary): return EvaluationText.lines(summary)
    case .canaries(let step, let report): return [DefenceText.line(report, step: step)]
    case .alarm(let alarm): return [Terminal.harmless(DefenceText.line(alarm))]
    case .warning(let text): return ["warning: " + Terminal.harmless(text)]
    case .comparison(let comparison): return [""] + ComparisonText.lines(comparison, columns: 110) + [""]
    case .runEnded(let end): return RunEndText.lines(end)
    case .exported(let path, let format): return ["wrote \(format.rawValue) to \(path)"]
    case .phase, .progress, .checkpoint, .text, .generated, .scored, .failed: return []
    }
  }

  static func summary(_ summary: EvaluationSummary) -> String {
    var parts: [String] = [
      "reward " + Figures.interval(summary.reward) { Figures.fixed($0, 3) },
      "full " + Figures.percent(summary.fullMarks.mean),
    ]
    if let form = summary.form { parts.append("form " + Figures.percent(form.mean)) }
    if let lenient = summary.lenient { parts.append("any form " + Figures.percent(lenient.mean)) }
    parts.append("length " + Figures.fixed(summary.tokens.mean, 1))
    if let right = summary.tokenUse?.ofRight { parts.append("of right " + Figures.fixed(right.mean, 1)) }
    parts.append("cut " + Figures.percent(summary.truncatedShare))
    return parts.joined(separator: "  ")
  }
}

extension Duration {
  /// The whole duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
