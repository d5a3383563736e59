import Foundation
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Our end of the socket to a zygote: frames of a length, JSON, and blobs whose sizes the JSON gives.
///
/// A socket, not a pipe, as `MSG_NOSIGNAL` then keeps SIGPIPE away whatever the program does about signals.
struct ZygoteChannel: ~Copyable {
  private let descriptor: Int32

  enum Failure: Error {
    case closed
    case deadline
    case cancelled
    case malformed(String)
  }

  /// A frame as it was received.
  struct Frame {
    var header: JSONValue
    var blobs: [[UInt8]]
  }

  /// Takes over the descriptor.
  init(owning descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
  }

  deinit { close(descriptor) }

  /// The two ends of a new channel; the child's is closed by the caller.
  static func pair() throws(ChildProcess.StartFailure) -> (ours: Int32, child: Int32) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Darwin)
      let kind = SOCK_STREAM
    #else
      let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    #endif
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw ChildProcess.StartFailure(reason: "no socket can be made: \(String(cString: strerror(errno)))")
    }
    return (ends[0], ends[1])
  }

  borrowing func send(_ bytes: [UInt8], by deadline: ContinuousClock.Instant) throws(Failure) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        sendto(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL), nil, 0)
      }
      if count > 0 {
        sent += count
      } else {
        try wait(for: POLLOUT, by: deadline) { false }
      }
    }
  }

  /// The next frame.
  ///
  /// - Parameters:
  ///   - limit: the most bytes that the blobs may have together.
  ///   - isCancelled: asked ten times a second.
  borrowing func receive(
    by deadline: ContinuousClock.Instant, limit: Int, isCancelled: () -> Bool
  ) throws(Failure) -> Frame {
    let length = try receive(4, by: deadline, isCancelled).reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= 1 << 24 else { throw .malformed("a header of \(length) bytes") }
    let text = try receive(length, by: deadline, isCancelled)
    let header: JSONValue
    do throws(JSONSyntaxError) {
      header = try JSONValue(parsing: text)
    } catch {
      throw .malformed(error.description)
    }
    let sizes = (header["blobs"]?.array ?? []).compactMap(\.integer)
    guard sizes.allSatisfy({ $0 >= 0 && $0 <= limit }), sizes.reduce(0, +) <= limit else {
      throw .malformed("blobs of \(sizes.reduce(0) { $0 &+ $1 }) bytes")
    }
    var blobs: [[UInt8]] = []
    for size in sizes { blobs.append(try receive(size, by: deadline, isCancelled)) }
    return Frame(header: header, blobs: blobs)
  }

  private borrowing func receive(
    _ count: Int, by deadline: ContinuousClock.Instant, _ isCancelled: () -> Bool
  ) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var received = 0
    while received < count {
      let more = bytes[received...].withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
      if more > 0 {
        received += more
      } else if more == 0 {
        throw .closed
      } else {
        try wait(for: POLLIN, by: deadline, isCancelled)
      }
    }
    return bytes
  }

  /// Called when a transfer did not go on; `errno` says why.
  private borrowing func wait(
    for events: Int32, by deadline: ContinuousClock.Instant, _ isCancelled: () -> Bool
  ) throws(Failure) {
    guard errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR else { throw .closed }
    if isCancelled() { throw .cancelled }
    let left = ContinuousClock.now.duration(to: deadline).seconds
    guard left > 0 else { throw .deadline }
    var request = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    poll(&request, 1, Int32(min(left, 0.1) * 1000) + 1)
  }
}

/// Builds the bytes of a frame.
func zygoteFrame(_ header: JSONValue, blobs: [[UInt8]] = []) -> [UInt8] {
  let text = Array(header.serialised().utf8)
  var bytes: [UInt8] = []
  bytes.reserveCapacity(4 + text.count + blobs.reduce(0) { $0 + $1.count })
  for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: text.count >> shift)) }
  bytes += text
  for blob in blobs { bytes += blob }
  return bytes
}
