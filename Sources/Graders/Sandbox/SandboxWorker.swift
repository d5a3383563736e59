import Foundation

/// A thread that runs jobs, one at a time, and keeps the warm processes it ran them in.
///
/// A thread of its own, as it blocks, and as bubblewrap ends with the thread that started it.
final class SandboxWorker {
  private let queue: SandboxQueue
  private let start: SandboxStart
  /// The latest used last.
  private var zygotes: [(plan: ZygotePlan, zygote: Zygote)] = []
  /// Warm processes kept; each takes some 15 MB and what its modules take.
  private let capacity = 4

  private init(_ queue: SandboxQueue, _ start: SandboxStart) {
    self.queue = queue
    self.start = start
  }

  /// Starts a worker, which ends when the queue is closed.
  static func start(_ queue: SandboxQueue, _ start: SandboxStart, number: Int) {
    let thread = Thread {
      let worker = SandboxWorker(queue, start)
      while let ticket = queue.next() { if ticket.begin() { ticket.finish(worker.run(ticket)) } }
    }
    thread.name = "sandbox-\(number)"
    thread.start()
  }

  private func run(_ ticket: SandboxQueue.Ticket) -> SandboxResult {
    let job = ticket.job
    if let problem = job.problem { return SandboxResult(.couldNotStart(problem)) }
    do {
      let plan = try ZygotePlan(for: job, isolation: start.isolation)
      let zygote = try self.zygote(plan)
      let result = zygote.run(job) { ticket.isCancelled }
      if zygote.isAlive { zygotes.append((plan, zygote)) }
      return result ?? SandboxResult(.couldNotStart("the sandbox's process ended in the middle of the job"))
    } catch let error as PythonInterpreter.NotFound {
      return SandboxResult(.couldNotStart(error.reason))
    } catch let error as ChildProcess.StartFailure {
      return SandboxResult(.couldNotStart(error.reason))
    } catch {
      return SandboxResult(.couldNotStart("\(error)"))
    }
  }

  /// A warm process for the plan, taken out of those that are kept.
  private func zygote(_ plan: ZygotePlan) throws(ChildProcess.StartFailure) -> Zygote {
    if let known = zygotes.firstIndex(where: { $0.plan == plan }) { return zygotes.remove(at: known).zygote }
    if zygotes.count >= capacity { zygotes.removeFirst() }
    return try start.zygote(plan)
  }
}
