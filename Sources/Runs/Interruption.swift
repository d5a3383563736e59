internal import Dispatch
internal import Foundation

/// Whether somebody asked the run to end: SIGINT or SIGTERM, taken as a wish that is granted between steps.
package final class Interruption: Sendable {
  private let lock = NSLock()
  private nonisolated(unsafe) var isAsked = false
  private nonisolated(unsafe) var sources: [any DispatchSourceSignal] = []

  package init() {}

  /// Begins to listen; the signals no longer end the process by themselves.
  package func listen() {
    for number in [SIGINT, SIGTERM] {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { [weak self] in self?.ask() }
      source.resume()
      lock.withLock { sources.append(source) }
    }
  }

  package func ask() { lock.withLock { isAsked = true } }
  package var wasAsked: Bool { lock.withLock { isAsked } }
}
