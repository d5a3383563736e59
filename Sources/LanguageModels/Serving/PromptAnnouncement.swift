internal import Foundation
package import Records

/// Says once that a command's prompt has been read, though several shards may read it: the event is out before any of
/// them reports a token.
package final class PromptAnnouncement: Sendable {
  private let lock = NSLock()
  private nonisolated(unsafe) var report: ((ServeEvent) -> Void)?

  package init(_ report: @escaping @Sendable (ServeEvent) -> Void) { self.report = report }

  func make(_ event: ServeEvent) {
    lock.withLock {
      report?(event)
      report = nil
    }
  }
}
