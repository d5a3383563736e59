internal import Dispatch
internal import Foundation

/// Runs independent parts of a batch side by side, each on its own thread with single-threaded operations.
///
/// There is no barrier inside an operation, so a busy neighbour costs its share of the processor and no more.
package struct Shards: Sendable, Hashable {
  /// How many parts run at once. Kept with a run: the split decides rounding.
  package let count: Int

  package init(count: Int = ProcessInfo.processInfo.activeProcessorCount) {
    precondition(count > 0, "there must be at least one shard")
    self.count = count
  }

  /// Calls `body` once for each shard, at the same time; returns their results in shard order, or throws the
  /// first shard's error.
  package func run<Result>(_ body: (Int) throws(TorchError) -> Result) throws(TorchError) -> [Result] {
    if count == 1 {
      useOneThreadPerOperation()
      return [try body(0)]
    }
    let slots = Slots<Result>(count: count)
    withoutActuallyEscaping(body) { body in
      let part = Part(body: body)
      DispatchQueue.concurrentPerform(iterations: count) { shard in
        useOneThreadPerOperation()
        do throws(TorchError) {
          slots.fill(shard, .success(try part.body(shard)))
        } catch {
          slots.fill(shard, .failure(error))
        }
      }
    }
    var results: [Result] = []
    for outcome in slots.outcomes() { results.append(try outcome.get()) }
    return results
  }
}

/// A body that runs on several threads at once: its caller answers for what the shards share.
private struct Part<Value>: @unchecked Sendable {
  let body: (Int) throws(TorchError) -> Value
}

/// One place a shard for its outcome; filled from several threads, read when all are done.
private final class Slots<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var values: [Result<Value, TorchError>?]

  init(count: Int) { values = Array(repeating: nil, count: count) }

  func fill(_ index: Int, _ value: Result<Value, TorchError>) {
    lock.withLock { values[index] = value }
  }

  func outcomes() -> [Result<Value, TorchError>] {
    values.map { value in
      guard let value else { preconditionFailure("a shard ended without an outcome") }
      return value
    }
  }
}
