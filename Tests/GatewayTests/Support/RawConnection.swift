import Foundation
import Synchronization

/// A TCP connection that sends whatever it is told to, right or wrong. Its calls block, so they run on threads of
/// their own.
final class RawConnection: Sendable {
  private let socket: Int32
  private let port: Int
  private let isConnected = Mutex(false)
  private let sending = DispatchQueue(label: "raw connection, out")
  private let receiving = DispatchQueue(label: "raw connection, in")

  /// It connects with the first call: between a connection and its headers there is a time limit, and the thread that
  /// makes both calls may have to wait in between.
  init(port: Int) {
    self.port = port
    socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var patience = timeval(tv_sec: 600, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  }

  private func connect() {
    isConnected.withLock { isConnected in
      guard !isConnected else { return }
      isConnected = true
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Foundation.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      precondition(result == 0, "the server of the test does not take connections")
    }
  }

  deinit { close(socket) }

  /// Whether all of it could be sent: a server that has enough closes the connection.
  @discardableResult
  func send(_ text: String) async -> Bool { await send(Array(text.utf8)) }

  @discardableResult
  func send(_ bytes: [UInt8]) async -> Bool {
    await on(sending) { socket in
      var done = 0
      while done < bytes.count {
        let count = bytes.withUnsafeBytes {
          Foundation.send(socket, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return false }
        done += count
      }
      return true
    }
  }

  /// Whether an answer, or the end of the connection, is waiting to be read.
  var hasAnswer: Bool {
    var state = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&state, 1, 0) > 0
  }

  /// Says that nothing more will come, and still listens.
  func finish() async { await on(sending) { _ = shutdown($0, Int32(SHUT_WR)) } }

  /// What arrives until the server closes, or until `enough` says so.
  func receive(until enough: @escaping @Sendable (String) -> Bool = { _ in false }) async -> String {
    await on(receiving) { socket in
      var text: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while true {
        let count = recv(socket, &buffer, buffer.count, 0)
        if count <= 0 { break }
        text += buffer[..<count]
        if enough(String(decoding: text, as: UTF8.self)) { break }
      }
      return String(decoding: text, as: UTF8.self)
    }
  }

  private func on<Value: Sendable>(
    _ queue: DispatchQueue, _ body: @escaping @Sendable (Int32) -> Value
  ) async -> Value {
    await withCheckedContinuation { continuation in
      queue.async { [self] in
        connect()
        continuation.resume(returning: body(socket))
      }
    }
  }
}
