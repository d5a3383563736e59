internal import Foundation

/// Where a service answers its own workers. They outlive it and go on asking there, so the next service listens at the
/// same port, where nobody else has taken it.
struct InsidePort {
  private let path: String

  init(_ folder: DataFolder) { path = folder.insidePort }

  /// The port of the service before, or 0 for any that is free. That of the service's own door is not.
  func choose(besides door: Int) -> Int {
    guard let bytes = FileManager.default.contents(atPath: path),
      let port = UInt16(
        String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)),
      Int(port) != door, Self.isFree(port)
    else { return 0 }
    return Int(port)
  }

  /// A port that cannot be kept costs workers their judge at the next start, and nothing before.
  func keep(_ port: Int) {
    try? Data("\(port)\n".utf8).write(to: URL(filePath: path), options: .atomic)
    chmod(path, 0o600)
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    // What is left of connections that have ended does not count.
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(descriptor, 1) == 0
      }
    }
  }
}
