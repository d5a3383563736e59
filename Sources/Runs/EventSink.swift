internal import Foundation
package import Records

/// Where a worker reports to.
package protocol EventSink: Sendable {
  func report(_ event: WorkerEvent)
}

/// Writes events as JSON lines to a file descriptor, each in one piece.
package final class EventStream: EventSink {
  private let lock = NSLock()
  private let descriptor: Int32

  package init(descriptor: Int32) { self.descriptor = descriptor }

  package func report(_ event: WorkerEvent) {
    guard let text = try? WorkerLine.encode(event) else {
      preconditionFailure("an event could not be written as JSON: \(event)")
    }
    var line = Array(text.utf8)
    line.append(0x0A)
    lock.withLock {
      line.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = Foundation.write(
            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
          // Nobody reads any more: the run goes on, its folder has everything.
          if count <= 0 { return }
          rest = rest.dropFirst(count)
        }
      }
    }
  }
}
