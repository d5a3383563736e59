import Foundation
import Records
import Synchronization

/// Runs jobs in sandboxes, as many at a time as there are cores. One a process is enough: ``shared(_:)``.
///
/// Each worker keeps warm processes that have started Python; a job runs in a fork of one, in namespaces of its own,
/// and leaves nothing behind. Processes start with the first job that needs them and start anew when they are lost.
package final class SandboxPool: Sendable {
  package let isolation: GraderSurroundings.Isolation
  private let workers: Int
  private let start: SandboxStart
  private let queue: SandboxQueue
  private let isStarted = Mutex(false)

  /// The process's pool of that isolation.
  package static func shared(_ isolation: GraderSurroundings.Isolation) -> SandboxPool {
    switch isolation {
    case .sandboxed: sandboxed
    case .unsafe: unsafe
    }
  }

  private static let sandboxed = SandboxPool(.sandboxed)
  private static let unsafe = SandboxPool(.unsafe)

  /// A pool; nothing is started before the first job.
  ///
  /// - Parameters:
  ///   - workers: jobs at the same time.
  ///   - capacity: jobs that may wait; what comes beyond could not start.
  ///   - descents: ways down from root to try, the best first.
  package init(
    _ isolation: GraderSurroundings.Isolation,
    workers: Int = ProcessInfo.processInfo.activeProcessorCount, capacity: Int = 4096,
    descents: [SandboxDescent] = SandboxDescent.candidates
  ) {
    precondition(workers > 0 && capacity > 0, "a pool of sandboxes must be able to run one job")
    self.isolation = isolation
    self.workers = workers
    start = SandboxStart(isolation, descents)
    queue = SandboxQueue(capacity: capacity)
  }

  deinit { queue.close() }

  /// Runs a job; never throws and never waits without a deadline: jobs before this one have their limits, and so has
  /// this one. A job that could not start, or that something outside of the sandbox killed, is tried a second time.
  ///
  /// When the calling task is cancelled the job is ended.
  package func run(_ job: SandboxJob) async -> SandboxResult {
    let result = await runOnce(job)
    guard result.ending.mayPassWhenRepeated, !Task.isCancelled else { return result }
    return await runOnce(job)
  }

  /// Why this machine cannot run such jobs, as one sentence with what to do; nil when it can. Tries it.
  package func unavailability(_ python: SandboxPython = SandboxPython()) async -> String? {
    let call = PythonCall(source: "def answer():\n  return 42", function: "answer", arguments: [])
    let result = await run(
      SandboxJob(.python(call), limits: SandboxLimits(wallSeconds: 60), python: python))
    return switch result.ending {
    case .returned(42): nil
    case .couldNotStart(let reason): reason
    case let other: "a trial job in the sandbox ended with \(other); expected 42"
    }
  }

  private func runOnce(_ job: SandboxJob) async -> SandboxResult {
    startWorkers()
    let ticket = SandboxQueue.Ticket(job)
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        guard ticket.wait(continuation) else {
          return continuation.resume(returning: .cancelled)
        }
        if !queue.add(ticket) {
          ticket.finish(SandboxResult(.couldNotStart("too many jobs wait for a sandbox")))
        }
      }
    } onCancel: {
      ticket.cancel()
    }
  }

  private func startWorkers() {
    let isFirst = isStarted.withLock { isStarted in
      defer { isStarted = true }
      return !isStarted
    }
    guard isFirst else { return }
    for number in 0..<workers { SandboxWorker.start(queue, start, number: number) }
  }
}

extension SandboxEnding {
  /// Whether a second try can end differently for reasons that lie outside of the job.
  fileprivate var mayPassWhenRepeated: Bool {
    switch self {
    case .couldNotStart: true
    case .signalled(let signal): signal == 9
    case .returned, .raised, .returnedOther, .exited, .timedOut, .memory, .outputLimit: false
    }
  }
}

extension GraderSurroundings {
  /// Where code that nobody vouches for runs.
  package var sandbox: SandboxPool { .shared(isolation) }

  /// The interpreter that a definition names, or OPERANT_PYTHON, or the system's; and its folders, relative to the
  /// definition's. A name without a slash is a program on the PATH where there is one, and a path elsewhere.
  package func python(_ path: String? = nil, folders: [String] = [], preload: [String] = []) -> SandboxPython
  {
    let named = path.map { Program.onPath($0) ?? self.path($0) } ?? environment["OPERANT_PYTHON"]
    return SandboxPython(path: named, folders: folders.map(self.path), preload: preload)
  }
}
