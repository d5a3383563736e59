internal import Dispatch

/// A queue that an actor's jobs run on, one after the other: libtorch's modes belong to threads, and a device
/// takes one caller at a time.
final class SerialExecutorQueue: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
  }
}
