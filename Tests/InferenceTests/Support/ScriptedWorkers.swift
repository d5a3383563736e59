import Records
import Synchronization

@testable import Inference

/// Workers that a test speaks for.
final class ScriptedWorkers: ServingLauncher {
  /// What a worker does when it is told something.
  typealias Script = @Sendable (Worker, ServeCommand) -> Void

  final class Worker: ServingConnection {
    let request: ServeRequest
    let lines: AsyncStream<ServeLine>
    private let output: AsyncStream<ServeLine>.Continuation
    private let script: Script
    private let state = Mutex<(commands: [ServeCommand], ending: String?, isClosed: Bool)>(([], nil, false))

    init(_ request: ServeRequest, _ script: @escaping Script) {
      self.request = request
      self.script = script
      (lines, output) = AsyncStream<ServeLine>.makeStream()
    }

    var commands: [ServeCommand] { state.withLock { $0.commands } }
    var isClosed: Bool { state.withLock { $0.isClosed } }

    func send(_ command: ServeCommand) {
      state.withLock { $0.commands.append(command) }
      script(self, command)
    }
    func close() {
      state.withLock { $0.isClosed = true }
      output.finish()
    }
    func kill() { die("it was killed") }
    func failure() async -> String? { state.withLock { $0.ending } }

    func say(_ events: ServeEvent...) { for event in events { output.yield(.event(event)) } }
    func ready(positions: Int = 512) {
      say(
        .ready(
          ServedModelFigures(
            architecture: "test", parameters: 1, vocabulary: 300, positions: positions, seconds: 0)))
    }
    func die(_ reason: String) {
      state.withLock { $0.ending = $0.ending ?? reason }
      output.finish()
    }
    /// Tokens of an attempt, one step each.
    func draw(_ id: UInt64, _ attempt: Int, _ tokens: [Int32]) {
      for token in tokens {
        output.yield(.tokens([.init(id: id, attempt: attempt, token: token, logProbability: -0.5)]))
      }
    }
  }

  private let workers = Mutex<[Worker]>([])
  private let isReady: Bool
  private let script: Script

  /// Workers are ready at once unless the test says so itself.
  init(isReady: Bool = true, _ script: @escaping Script) {
    self.isReady = isReady
    self.script = script
  }

  var launched: [Worker] { workers.withLock { $0 } }

  func launch(_ request: ServeRequest) -> any ServingConnection {
    let worker = Worker(request, script)
    workers.withLock { $0.append(worker) }
    if isReady { worker.ready() }
    return worker
  }

  /// Reads the prompt and answers every attempt with a text and the end of turn.
  static func answering(_ text: String) -> Script {
    { worker, command in
      switch command {
      case .complete(let command):
        worker.say(.prompt(id: command.id, cached: 2, scores: nil))
        let ids = ((try? ByteModel.ids(text)) ?? []) + [ByteModel.end]
        for attempt in command.seeds.indices {
          worker.draw(command.id, attempt, Array(ids.prefix(command.maxTokens)))
          worker.say(
            .ended(id: command.id, attempt: attempt, ids.count > command.maxTokens ? .length : .stop))
        }
      case .load(let name, _): worker.say(.loaded(name, updates: 1, bytes: 100, seconds: 0))
      case .unload(let name): worker.say(.unloaded(name))
      case .cancel: break
      }
    }
  }
}
