internal import Checkpoints
package import Cluster
package import Logging
internal import Records
internal import Synchronization

/// Answers requests with serving workers: one for each base model in use, started when it is first asked for and ended
/// when nobody asks any more or its memory is wanted for another.
package actor InferencePool: Answering {
  /// A base model of the catalogue, as far as the pool has had to do with it.
  struct Slot {
    var text: Task<ModelText, any Error>?
    var footprint: ModelFootprint?
    var worker: ServingWorker?
    /// Deaths in a row that came at once.
    var deaths = 0
    var notBefore: ContinuousClock.Instant?
    var lastFailure = ""
  }

  let catalogue: ModelCatalogue
  let settings: InferenceSettings
  private let launcher: any ServingLauncher
  private let observer: (any InferenceObserver)?
  private let logger: Logger
  private var slots: [String: Slot] = [:]
  /// Workers that were told to end and still hold their memory.
  private var leaving: [ServingWorker] = []
  private var isShutDown = false

  package init(
    catalogue: ModelCatalogue, settings: InferenceSettings, launcher: any ServingLauncher,
    observer: (any InferenceObserver)? = nil, logger: Logger = Logger(label: "operant.inference")
  ) {
    self.catalogue = catalogue
    self.settings = settings
    self.launcher = launcher
    self.observer = observer
    self.logger = logger
  }

  /// Unloads what is idle and ends what hangs, until it is cancelled; then ends all workers.
  package func run() async {
    while (try? await Task.sleep(for: .seconds(2))) != nil { tidy() }
    await shutDown()
  }

  /// Ends all workers; answers under way end with an error.
  package func shutDown() async {
    isShutDown = true
    let workers = slots.values.compactMap(\.worker) + leaving
    for worker in workers { worker.close() }
    for worker in workers { try? await worker.gone.wait() }
  }

  func tidy() {
    let now = ContinuousClock.now
    for (base, slot) in slots {
      guard let worker = slot.worker else { continue }
      if worker.isSilent(for: settings.silenceLimit) {
        worker.kill(because: "it has said nothing for \(settings.silenceLimit.inSeconds) s while it had work")
      }
      if worker.hasMissedItsStart {
        worker.kill(because: "it was not ready within \(settings.startLimit.inSeconds) s")
        noteEnd(base, worker)
        continue
      }
      if let idle = worker.idleSince, now - idle >= settings.idleLimit { retire(base, worker) }
    }
    leaving.removeAll { $0.gone.isOpen }
  }

  /// What is loaded, or loading.
  package var loadedModels: [String] { slots.filter { $0.value.worker != nil }.map(\.key).sorted() }
}

// MARK: - Models

extension InferencePool {
  /// The catalogue's own name of a model that may go by another.
  nonisolated func canonical(_ base: String) -> String { catalogue.entry(base)?.name ?? base }

  private func entry(_ base: String) throws(InferenceError) -> (ModelCatalogue.Entry, ModelLocation) {
    guard let entry = catalogue.entry(base) else {
      throw InferenceError(.unknownModel, "there is no model '\(base)'")
    }
    guard let location = catalogue.location(of: entry) else {
      throw InferenceError(
        .unknownModel, "the files of the model '\(base)' are not there any more: \(entry.source)")
    }
    return (entry, location)
  }

  func footprint(_ base: String) throws(InferenceError) -> ModelFootprint {
    if let known = slots[base]?.footprint { return known }
    let (entry, location) = try entry(base)
    do throws(ModelFileError) {
      let footprint = try ModelFootprint(location, dtype: entry.dtype)
      slots[base, default: Slot()].footprint = footprint
      return footprint
    } catch { throw InferenceError(.failed, "the model '\(base)' cannot be read: \(error)") }
  }

  package func contextLength(of base: String) async throws(InferenceError) -> Int {
    return min(settings.positions, try footprint(canonical(base)).positions ?? settings.positions)
  }

  func text(_ base: String) async throws(InferenceError) -> ModelText {
    let task: Task<ModelText, any Error>
    if let known = slots[base]?.text {
      task = known
    } else {
      let location = try entry(base).1
      task = Task.detached { try ModelText(location) }
      slots[base, default: Slot()].text = task
    }
    do { return try await task.value } catch {
      // The files may be mended before the next request.
      if slots[base]?.text == task { slots[base]?.text = nil }
      throw error as? InferenceError ?? InferenceError(.failed, "\(error)")
    }
  }
}

// MARK: - Workers

extension InferencePool {
  /// A worker of this base that has promised places to so many attempts.
  func admit(_ attempts: Int, to base: String) async throws(InferenceError) -> ServingWorker {
    while true {
      guard !isShutDown else {
        throw InferenceError(.failed, "the service is shutting down", retryAfter: 5)
      }
      if let worker = slots[base]?.worker {
        let waiting = slots.values.compactMap(\.worker).reduce(0) { $0 + $1.waitingRows }
        // Beyond the limit over all, a worker still takes what it has rows for.
        let most = max(
          0, min(settings.mostWaitingPerModel, settings.mostWaiting - waiting + worker.waitingRows))
        switch worker.admit(attempts, mostWaiting: most) {
        case .admitted: return worker
        case .full(let seconds):
          observer?.observe(.refused(base: base))
          throw InferenceError(
            .overloaded(retryAfter: seconds),
            "\(worker.waitingRows) answers wait for the model '\(base)' already; try again in \(seconds) s")
        case .ending: noteEnd(base, worker)
        }
      } else {
        try await start(base)
      }
    }
  }

  /// Keeps count of workers that died, so that one that cannot live is not started again and again.
  private func noteEnd(_ base: String, _ worker: ServingWorker) {
    guard slots[base]?.worker === worker else { return }
    slots[base]?.worker = nil
    if !worker.gone.isOpen { leaving.append(worker) }
    let (wasClosing, readyAt, ended) = worker.state.withLock { ($0.isClosing, $0.readyAt, $0.endedAt) }
    guard !wasClosing else { return }
    // One that was killed may not be gone yet.
    let endedAt = ended ?? .now
    let livedLong = readyAt.map { endedAt - $0 > .seconds(30) } ?? false
    let deaths = livedLong ? 0 : (slots[base]?.deaths ?? 0) + 1
    slots[base]?.deaths = deaths
    if deaths > 0 {
      let wait = min(.seconds(60), settings.firstBackoff * (1 << min(deaths - 1, 6)))
      slots[base]?.notBefore = endedAt + wait
    }
  }

  private func start(_ base: String) async throws(InferenceError) {
    if let time = slots[base]?.notBefore, time > .now {
      let seconds = Int((time - .now).inSeconds.rounded(.up))
      throw InferenceError(
        .failed,
        "the worker of '\(base)' has died at once \(slots[base]?.deaths ?? 0) times in a row; it is started again "
          + "in \(seconds) s at the earliest; \(slots[base]?.lastFailure ?? "")",
        retryAfter: seconds)
    }
    let (entry, location) = try entry(base)
    let bytes = try footprint(base).weightBytes + settings.cacheBytes
    try await makeRoom(bytes, for: base)
    // Somebody else may have started it meanwhile.
    guard slots[base]?.worker == nil, !isShutDown else { return }
    let connection = launcher.launch(
      ServeRequest(
        modelPath: location.path, dtype: entry.dtype, device: entry.device, positions: settings.positions,
        maxRows: settings.maxRows, cacheBytes: settings.cacheBytes))
    slots[base, default: Slot()].worker = ServingWorker(
      base: base, bytes: bytes, connection: connection, settings: settings, observer: observer,
      logger: logger)
  }

  /// What a worker's start failed with, for those who come while it may not be started again.
  func remember(_ error: InferenceError, of base: String) { slots[base]?.lastFailure = error.message }

  private func makeRoom(_ bytes: Int, for base: String) async throws(InferenceError) {
    guard bytes <= settings.modelBytes else {
      throw InferenceError(
        .failed,
        "the model '\(base)' takes about \(bytes >> 20) MiB, and all models together may take "
          + "\(settings.modelBytes >> 20) MiB; raise the limit or serve a smaller model")
    }
    while slots[base]?.worker == nil {
      leaving.removeAll { $0.gone.isOpen }
      let loaded = slots.compactMap { name, slot in slot.worker.map { (name, $0) } }
      let kept = loaded.reduce(0) { $0 + $1.1.bytes }
      if kept + leaving.reduce(0, { $0 + $1.bytes }) + bytes <= settings.modelBytes { return }
      if kept + bytes <= settings.modelBytes, let worker = leaving.first {
        try await worker.gone.wait()
        continue
      }
      let idle = loaded.compactMap { name, worker in worker.idleSince.map { (name, worker, $0) } }
        .min { $0.2 < $1.2 }
      if let (name, worker, _) = idle {
        retire(name, worker)
      } else if let ended = loaded.first(where: { $0.1.gone.isOpen }) {
        noteEnd(ended.0, ended.1)
      } else {
        let seconds = loaded.map(\.1.retryAfter).min() ?? 5
        observer?.observe(.refused(base: base))
        throw InferenceError(
          .overloaded(retryAfter: seconds),
          "there is no room to load '\(base)' while \(loaded.map(\.0).sorted().joined(separator: ", ")) "
            + "answer; try again in \(seconds) s")
      }
    }
  }

  private func retire(_ base: String, _ worker: ServingWorker) {
    guard worker.closeIfIdle() else { return }
    slots[base]?.worker = nil
    leaving.append(worker)
  }
}
