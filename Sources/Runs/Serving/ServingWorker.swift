internal import Dispatch
internal import Foundation
internal import LanguageModels
package import Records
internal import Tokenization
internal import Torch

/// A model that answers many callers at once: commands in, events out.
package final class ServingWorker: Sendable {
  private let output: ServeOutput
  private let desk: ServingDesk
  private let shards: [ServingShard]
  private let base: ServedBase
  private let constraints: ConstraintDesk
  /// Where adapters are loaded, one after the other, while commands are read on.
  private let loading = DispatchQueue(label: "operant.adapters")
  private let vocabulary: Int
  private let positions: Int

  /// Loads the model, reports that it is ready, and begins to serve.
  package init(_ request: ServeRequest, output: ServeOutput, shards count: Int? = nil) throws {
    try request.check()
    let started = ContinuousClock.now
    self.output = output
    useOneThreadPerOperation()
    keepTensorMemory()
    guard try !request.device.device().isCUDA else {
      throw WorkerFailure(
        .usage, "serving runs on the processor only; the device is a GPU. Choose device cpu.")
    }
    let opened = try OpenedModel(source: request.modelPath)
    let configuration = opened.loader.configuration
    vocabulary = configuration.vocabulary
    positions = min(request.positions, configuration.context)
    let decoder = try opened.loader.decoder(request.dtype.tensorType, positions: positions)
    let count = min(count ?? Shards().count, request.maxRows)
    // What rows take cannot be known before they end; beyond a quarter of the machine's memory others wait.
    let prefixes = PrefixCache(
      decoder, limit: request.cacheBytes, rowLimit: Int(ProcessInfo.processInfo.physicalMemory / 4),
      shards: count)
    let rows = (0..<count).map { request.maxRows * ($0 + 1) / count - request.maxRows * $0 / count }
    let base = ServedBase(decoder)
    let shards = (0..<count).map { _ in ServingShard() }
    let desk = ServingDesk(
      base: ServedPolicy(.base, adapter: nil), shards: shards, rows: rows, prefixes: prefixes)
    self.base = base
    constraints = ConstraintDesk(opened.text.tokenizer, ids: configuration.vocabulary)
    self.shards = shards
    self.desk = desk
    output.put(
      .ready(
        ServedModelFigures(
          architecture: configuration.architecture.rawValue, parameters: configuration.parameterCount,
          vocabulary: vocabulary, positions: positions, seconds: (ContinuousClock.now - started).seconds)))
    for (number, shard) in shards.enumerated() {
      let report: @Sendable (StepReport) -> Void = { report in
        var lines = report.likely.map(ServeOutput.line)
        if !report.tokens.isEmpty { lines.append(TokenLine.encode(report.tokens)) }
        output.put(lines)
        for event in desk.finish(report, shard: number) { output.put(event) }
      }
      shard.start(
        { ContinuousBatch(base.decoder, prefixes: prefixes, shard: number, maxRows: rows[number]) },
        report: report)
    }
  }

  /// Carries out a command, or says why it cannot be.
  package func take(_ line: String) {
    let command: ServeCommand
    do { command = try WorkerLine.decode(ServeCommand.self, from: line.utf8) } catch {
      refuse("", WorkerFailure(.usage, "a command cannot be read: \(error)"))
      return
    }
    switch command {
    case .load(let name, let source): load(name, source)
    case .unload(let name):
      do throws(WorkerFailure) { report(try desk.unload(name)) } catch { refuse(name.rawValue, error) }
    case .complete(let command): complete(command)
    case .cancel(let id, let attempt): report(desk.cancel(id, attempt: attempt))
    }
  }

  /// Ends the shards' threads; what was under way stays as it is.
  package func stop() {
    for shard in shards { shard.stop() }
  }

  private func load(_ name: PolicyName, _ source: AdapterSource) {
    switch desk.beginLoading(name) {
    case .needed: break
    case .underWay: return
    case .done(let policy, let updates):
      return output.put(.loaded(name, updates: updates, bytes: policy.adapter?.bytes ?? 0, seconds: 0))
    }
    loading.async { [self] in
      let started = ContinuousClock.now
      useOneThreadPerOperation()
      do {
        let (policy, updates) = try source.policy(name, beside: base)
        output.put(
          .loaded(
            name, updates: updates, bytes: policy.adapter?.bytes ?? 0,
            seconds: (ContinuousClock.now - started).seconds))
        let (held, events) = desk.endLoading(policy, updates: updates)
        report(events)
        for command in held { begin(command, policy) }
      } catch {
        let failure = WorkerFailure(classifying: error)
        refuse(name.rawValue, failure)
        for id in desk.failLoading(name) { refuse("\(id)", failure) }
      }
    }
  }

  private func complete(_ command: CompletionCommand) {
    let problems = command.problems(vocabulary: vocabulary, positions: positions)
    guard problems.isEmpty else {
      let field = problems.lazy.compactMap(\.field).first
      refuse(
        "\(command.id)",
        WorkerFailure(.usage, problems.map(\.sentence).joined(separator: "; "), field: field))
      return
    }
    do throws(WorkerFailure) {
      if let policy = try desk.register(command) { begin(command, policy) }
    } catch {
      refuse("\(command.id)", error)
    }
  }

  private func begin(_ command: CompletionCommand, _ policy: ServedPolicy) {
    guard let constraint = command.constraint else { return begin(command, policy, form: nil) }
    constraints.compile(constraint) { [self] result in
      switch result {
      case .success(let form): begin(command, policy, form: form)
      case .failure(let failure):
        refuse("\(command.id)", failure)
        report(desk.giveUp(command.id))
      }
    }
  }

  private func begin(_ command: CompletionCommand, _ policy: ServedPolicy, form: (any AnswerForm)?) {
    var command = command
    command.maxTokens = min(command.maxTokens, positions - command.prompt.count)
    let (output, desk, id) = (output, desk, command.id)
    desk.begin(
      BatchShare(
        command, policy: policy, form: form, attempts: Array(command.seeds.indices),
        announcement: PromptAnnouncement { event in
          output.put(event)
          desk.hasRead(id)
        }))
  }

  private func refuse(_ subject: String, _ failure: WorkerFailure) {
    output.put(.refused(subject: subject, failure))
  }

  private func report(_ events: [ServeEvent]) {
    for event in events { output.put(event) }
  }
}

extension ServeRequest {
  fileprivate func check() throws(WorkerFailure) {
    var problems: [String] = []
    if positions < 2 { problems.append("positions is \(positions); expected at least 2") }
    if maxRows < 1 { problems.append("maxRows is \(maxRows); expected at least 1") }
    if cacheBytes < 0 { problems.append("cacheBytes is \(cacheBytes); expected 0 or more") }
    guard problems.isEmpty else { throw WorkerFailure(.usage, problems.joined(separator: "; ")) }
  }
}
