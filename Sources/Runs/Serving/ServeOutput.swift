internal import Foundation
package import Records

/// What a serving worker writes, lines in order, on a thread of its own: who reads slowly holds nobody up until much
/// has gathered.
package final class ServeOutput: Sendable {
  private let condition = NSCondition()
  private nonisolated(unsafe) var waiting: [[UInt8]] = []
  private nonisolated(unsafe) var waitingBytes = 0
  private nonisolated(unsafe) var isWriting = false
  /// Whether nobody reads any more.
  private nonisolated(unsafe) var isBroken = false
  private nonisolated(unsafe) var isClosed = false
  private let descriptor: Int32
  private let most: Int

  /// Writers wait while more than `most` bytes have not been taken.
  package init(descriptor: Int32, most: Int = 64 << 20) {
    self.descriptor = descriptor
    self.most = most
    Thread.detachNewThread { [self] in write() }
  }

  /// Puts lines into the queue, in one piece.
  package func put(_ lines: [String]) {
    guard !lines.isEmpty else { return }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(lines.reduce(0) { $0 + $1.utf8.count + 1 })
    for line in lines {
      bytes += line.utf8
      bytes.append(0x0A)
    }
    condition.withLock {
      while waitingBytes > most, !isBroken { condition.wait() }
      guard !isBroken else { return }
      waiting.append(bytes)
      waitingBytes += bytes.count
      condition.broadcast()
    }
  }

  package func put(_ event: ServeEvent) { put([Self.line(event)]) }

  /// Waits until everything has been written, for as many seconds at most.
  package func flush(seconds: Double) {
    let deadline = Date(timeIntervalSinceNow: seconds)
    condition.withLock {
      while !waiting.isEmpty || isWriting, !isBroken, condition.wait(until: deadline) {}
    }
  }

  /// Ends the thread when everything has been written.
  package func close() {
    condition.withLock {
      isClosed = true
      condition.broadcast()
    }
  }

  private func write() {
    while true {
      let bytes: [UInt8]? = condition.withLock {
        isWriting = false
        condition.broadcast()
        while waiting.isEmpty, !isClosed { condition.wait() }
        guard !waiting.isEmpty else { return nil }
        let all = waiting.count == 1 ? waiting[0] : Array(waiting.joined())
        waiting = []
        waitingBytes = 0
        isWriting = true
        return all
      }
      guard let bytes else { return }
      if !write(bytes) {
        condition.withLock {
          isBroken = true
          waiting = []
          condition.broadcast()
        }
      }
    }
  }

  private func write(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let count = Foundation.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }
}
