// The stream's JSON is read by scripts (`--json`) and by the service, so its shape is written down here and not
// left to the compiler: {"event": "step", "record": {...}, ...}.

extension WorkerEvent {
  private enum Name: String, Codable {
    case phase
    case modelLoaded = "model_loaded"
    case runStarted = "run_started"
    case progress, step, evaluation, checkpoint, canaries, alarm, warning
    case runEnded = "run_ended"
    case comparison, evaluated, text, generated, scored, exported, failed
  }

  private enum Key: String, CodingKey {
    case event, phase, detail, model, run, done, of, record, timing, tokensPerSecond, sample, step, summary
    case path, message, end, comparison, index, text, answer, score, format, failure, report, alarm
  }

  package func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    func put(_ name: Name) throws { try object.encode(name, forKey: .event) }
    switch self {
    case .phase(let phase, let detail):
      try put(.phase)
      try object.encode(phase, forKey: .phase)
      try object.encode(detail, forKey: .detail)
    case .modelLoaded(let model):
      try put(.modelLoaded)
      try object.encode(model, forKey: .model)
    case .runStarted(let run):
      try put(.runStarted)
      try object.encode(run, forKey: .run)
    case .progress(let phase, let done, let of):
      try put(.progress)
      try object.encode(phase, forKey: .phase)
      try object.encode(done, forKey: .done)
      try object.encode(of, forKey: .of)
    case .step(let record, let timing, let rate, let sample):
      try put(.step)
      try object.encode(record, forKey: .record)
      try object.encode(timing, forKey: .timing)
      try object.encode(rate, forKey: .tokensPerSecond)
      try object.encodeIfPresent(sample, forKey: .sample)
    case .evaluation(let step, let summary):
      try put(.evaluation)
      try object.encode(step, forKey: .step)
      try object.encode(summary, forKey: .summary)
    case .checkpoint(let step, let path):
      try put(.checkpoint)
      try object.encode(step, forKey: .step)
      try object.encode(path, forKey: .path)
    case .canaries(let step, let report):
      try put(.canaries)
      try object.encode(step, forKey: .step)
      try object.encode(report, forKey: .report)
    case .alarm(let alarm):
      try put(.alarm)
      try object.encode(alarm, forKey: .alarm)
    case .warning(let message):
      try put(.warning)
      try object.encode(message, forKey: .message)
    case .runEnded(let end):
      try put(.runEnded)
      try object.encode(end, forKey: .end)
    case .comparison(let comparison):
      try put(.comparison)
      try object.encode(comparison, forKey: .comparison)
    case .evaluated(let summary):
      try put(.evaluated)
      try object.encode(summary, forKey: .summary)
    case .text(let index, let text):
      try put(.text)
      try object.encode(index, forKey: .index)
      try object.encode(text, forKey: .text)
    case .generated(let answer):
      try put(.generated)
      try object.encode(answer, forKey: .answer)
    case .scored(let score):
      try put(.scored)
      try object.encode(score, forKey: .score)
    case .exported(let path, let format):
      try put(.exported)
      try object.encode(path, forKey: .path)
      try object.encode(format, forKey: .format)
    case .failed(let failure):
      try put(.failed)
      try object.encode(failure, forKey: .failure)
    }
  }

  package init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: Key.self)
    func get<Value: Decodable>(_ key: Key, _: Value.Type = Value.self) throws -> Value {
      try object.decode(Value.self, forKey: key)
    }
    self =
      switch try get(.event, Name.self) {
      case .phase: .phase(try get(.phase), detail: try get(.detail))
      case .modelLoaded: .modelLoaded(try get(.model))
      case .runStarted: .runStarted(try get(.run))
      case .progress: .progress(try get(.phase), done: try get(.done), of: try get(.of))
      case .step:
        .step(
          try get(.record), try get(.timing), tokensPerSecond: try get(.tokensPerSecond),
          sample: try object.decodeIfPresent(SampleView.self, forKey: .sample))
      case .evaluation: .evaluation(step: try get(.step), try get(.summary))
      case .checkpoint: .checkpoint(step: try get(.step), path: try get(.path))
      case .canaries: .canaries(step: try get(.step), try get(.report))
      case .alarm: .alarm(try get(.alarm))
      case .warning: .warning(try get(.message))
      case .runEnded: .runEnded(try get(.end))
      case .comparison: .comparison(try get(.comparison))
      case .evaluated: .evaluated(try get(.summary))
      case .text: .text(index: try get(.index), try get(.text))
      case .generated: .generated(try get(.answer))
      case .scored: .scored(try get(.score))
      case .exported: .exported(path: try get(.path), format: try get(.format))
      case .failed: .failed(try get(.failure))
      }
  }
}
