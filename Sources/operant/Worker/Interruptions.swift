import Dispatch
import Foundation

/// SIGINT and SIGTERM as values, in place of the end of the program.
final class Interruptions: Sendable {
  /// One element a signal.
  let signals: AsyncStream<Int32>
  // Held only so that the sources live; nothing is read from them.
  private nonisolated(unsafe) let sources: [any DispatchSourceSignal]
  private let continuation: AsyncStream<Int32>.Continuation

  init() {
    let (signals, continuation) = AsyncStream<Int32>.makeStream()
    self.signals = signals
    self.continuation = continuation
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield(number) }
      source.resume()
      return source
    }
  }

  /// Signals end the program again.
  func stop() {
    for source in sources { source.cancel() }
    for number in [SIGINT, SIGTERM] { signal(number, SIG_DFL) }
    continuation.finish()
  }
}
