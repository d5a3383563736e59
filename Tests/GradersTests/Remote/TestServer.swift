import Foundation
import Records
import Synchronization

/// A small HTTP server that behaves badly to order: one thread a connection, on a free port of this machine.
///
/// Blocking sockets and no library, so that half an answer really is half an answer.
final class TestServer: Sendable {
  struct Request: Sendable {
    let path: String
    /// Names in lower case.
    let headers: [String: String]
    let body: String
    /// Which request this is, from 0.
    let number: Int

    var json: JSONValue { get throws { try JSONValue(parsing: body) } }
  }
  enum Behaviour: Sendable {
    case answer(status: Int = 200, headers: [String: String] = [:], String)
    /// The answer, after some seconds.
    case slowly(Double, String)
    /// The announced length is that of the whole text; only a part is sent.
    case cutOff(String, after: Int)
    /// The connection is closed before a byte is sent.
    case hangUp
    /// Nothing is sent, and the connection stays open.
    case silence
    /// Bytes that are not HTTP.
    case garbage
    /// Bytes without end, until the other side has had enough.
    case flood
    /// A letter now and then, so that there is never silence and never an end.
    case drip

    static func json(_ value: JSONValue) -> Behaviour { .answer(value.serialised()) }
  }

  private struct State {
    var requests: [Request] = []
    var underWay = 0
    var mostUnderWay = 0
    var times: [ContinuousClock.Instant] = []
    var isStopped = false
  }
  let port: UInt16
  private let listener: Int32
  private let state = Mutex(State())
  private let behave: @Sendable (Request) -> Behaviour

  var url: String { "http://127.0.0.1:\(port)" }
  /// What was asked so far.
  var requests: [Request] { state.withLock(\.requests) }
  /// When.
  var times: [ContinuousClock.Instant] { state.withLock(\.times) }
  /// How many requests were being answered at the same time, at most.
  var mostUnderWay: Int { state.withLock(\.mostUnderWay) }

  /// - Parameter wanted: a port, or 0 for any that is free.
  init(port wanted: UInt16 = 0, _ behave: @escaping @Sendable (Request) -> Behaviour) {
    self.behave = behave
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = wanted.bigEndian
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        precondition(bind(listener, pointer, length) == 0, "no port could be had")
        precondition(listen(listener, 256) == 0 && getsockname(listener, pointer, &length) == 0)
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 || state.withLock(\.isStopped) { return }
        Thread.detachNewThread { self.serve(connection) }
      }
    }
  }

  /// Ends the thread that accepts; the listener is closed with it.
  func stop() {
    state.withLock { $0.isStopped = true }
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    while let (head, body) = Self.read(connection) {
      let lines = head.split(separator: "\r\n")
      let headers = Dictionary(
        lines.dropFirst().map { line in
          let colon = line.firstIndex(of: ":") ?? line.endIndex
          return (line[..<colon].lowercased(), line[colon...].dropFirst().trimmingPrefix(" ").description)
        }
      ) { $1 }
      let request = state.withLock { state in
        let request = Request(
          path: lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? "",
          headers: headers, body: body, number: state.requests.count)
        state.requests.append(request)
        state.times.append(.now)
        state.underWay += 1
        state.mostUnderWay = max(state.mostUnderWay, state.underWay)
        return request
      }
      let behaviour = behave(request)
      if case .slowly(let seconds, _) = behaviour { Thread.sleep(forTimeInterval: seconds) }
      state.withLock { $0.underWay -= 1 }
      guard answer(behaviour, on: connection) else { return }
    }
  }

  /// Whether the connection may be used again.
  private func answer(_ behaviour: Behaviour, on connection: Int32) -> Bool {
    switch behaviour {
    case .answer(let status, let headers, let body): return send(status, headers, body, on: connection)
    case .slowly(_, let body): return send(200, [:], body, on: connection)
    case .cutOff(let body, let count):
      let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      _ = Self.write(head + String(decoding: body.utf8.prefix(count), as: UTF8.self), to: connection)
    case .hangUp: break
    case .garbage: _ = Self.write("\u{0}\u{1}\u{2} I am a teapot\n\n\n", to: connection)
    case .silence:
      var byte: UInt8 = 0
      while recv(connection, &byte, 1, 0) > 0 {}
    case .flood:
      _ = Self.write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", to: connection)
      let block = String(repeating: "[[[[", count: 16_384)
      while Self.write(block, to: connection) {}
    case .drip:
      _ = Self.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", to: connection)
      while Self.write(" ", to: connection) { Thread.sleep(forTimeInterval: 0.02) }
    }
    return false
  }

  private func send(_ status: Int, _ headers: [String: String], _ body: String, on connection: Int32) -> Bool
  {
    let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    return Self.write(
      "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(lines)\r\n\(body)", to: connection)
  }

  private static func write(_ text: String, to connection: Int32) -> Bool {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  private static func read(_ connection: Int32) -> (head: String, body: String)? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let mark = Array("\r\n\r\n".utf8)
    var headEnd: Int?
    var length = 0
    while true {
      if let headEnd, bytes.count >= headEnd + length {
        return (
          String(decoding: bytes[..<headEnd], as: UTF8.self),
          String(decoding: bytes[headEnd..<headEnd + length], as: UTF8.self)
        )
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
      guard headEnd == nil,
        let end = bytes.indices.first(where: { bytes[$0...].starts(with: mark) })
      else { continue }
      headEnd = end + 4
      let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
      if let match = head.firstMatch(of: #/content-length: *(\d+)/#) { length = Int(match.1) ?? 0 }
    }
  }
}

/// Runs a test against a server and stops it afterwards.
func withServer(
  _ behave: @escaping @Sendable (TestServer.Request) -> TestServer.Behaviour,
  _ body: (TestServer) async throws -> Void
) async throws {
  let server = TestServer(behave)
  defer { server.stop() }
  try await body(server)
}
