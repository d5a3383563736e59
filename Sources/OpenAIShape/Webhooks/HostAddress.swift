import Foundation

/// An internet address, and how far away it is.
struct HostAddress: Sendable, Hashable {
  /// What lies behind an address.
  enum Reach: Sendable, Hashable {
    /// Anywhere on the internet.
    case outside
    /// This machine or its private network.
    case inside
    /// The link itself, where clouds keep their metadata services, which give keys to whoever asks.
    case linkLocal
    /// Nobody: unspecified, multicast, reserved.
    case nobody
  }

  /// 4 or 16 bytes; a version 4 address inside a version 6 one is taken out.
  let bytes: [UInt8]

  init(bytes: [UInt8]) { self.bytes = Self.embedded(bytes) ?? bytes }

  /// An address as a host is written, version 6 perhaps in brackets; nil for a name.
  init?(literal host: String) {
    let text = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
    // The zone of a link-local address means nothing here.
    let plain = String(text.prefix { $0 != "%" })
    var four = in_addr()
    var six = in6_addr()
    if inet_pton(AF_INET, plain, &four) == 1 {
      self.init(bytes: withUnsafeBytes(of: four) { Array($0) })
    } else if inet_pton(AF_INET6, plain, &six) == 1 {
      self.init(bytes: withUnsafeBytes(of: six) { Array($0) })
    } else {
      return nil
    }
  }

  /// The version 4 address in a mapped, translated (64:ff9b::/96) or 6to4 one.
  private static func embedded(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count == 16 else { return nil }
    let isMapped = bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
    let isTranslated =
      bytes[0..<4].elementsEqual([0, 0x64, 0xFF, 0x9B]) && bytes[4..<12].allSatisfy { $0 == 0 }
    if isMapped || isTranslated { return Array(bytes[12...]) }
    return bytes[0] == 0x20 && bytes[1] == 0x02 ? Array(bytes[2..<6]) : nil
  }

  var reach: Reach { bytes.count == 4 ? Self.reach(four: bytes) : Self.reach(six: bytes) }

  private static func reach(four b: [UInt8]) -> Reach {
    switch (b[0], b[1]) {
    // The metadata services of Alibaba and of Azure lie elsewhere than those of the others.
    case (169, 254): return .linkLocal
    case (100, 100) where b[2] == 100 && b[3] == 200: return .linkLocal
    case (168, 63) where b[2] == 129 && b[3] == 16: return .linkLocal
    case (127, _), (10, _), (172, 16...31), (192, 168), (100, 64...127): return .inside
    case (0, _), (224..., _): return .nobody
    case (192, 0) where b[2] == 0 || b[2] == 2: return .nobody
    case (198, 18...19): return .inside
    default: return .outside
    }
  }

  private static func reach(six b: [UInt8]) -> Reach {
    if b.allSatisfy({ $0 == 0 }) { return .nobody }
    if b.dropLast().allSatisfy({ $0 == 0 }), b[15] == 1 { return .inside }
    switch (b[0], b[1]) {
    // Amazon's metadata service has an address in the private range.
    case (0xFD, 0x00) where b[2] == 0x0E && b[3] == 0xC2: return .linkLocal
    case (0xFC...0xFD, _): return .inside
    case (0xFE, 0x80...0xBF): return .linkLocal
    case (0xFE, 0xC0...0xFF): return .inside
    case (0xFF, _): return .nobody
    case (0x20...0x3F, _): return .outside
    default: return .nobody
    }
  }

  /// The addresses of a name, by the system's resolver. Blocks.
  static func resolve(_ host: String) -> [HostAddress] {
    if let literal = HostAddress(literal: host) { return [literal] }
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
    defer { freeaddrinfo(list) }
    var addresses: [HostAddress] = []
    var next = list
    while let entry = next {
      next = entry.pointee.ai_next
      guard let address = entry.pointee.ai_addr else { continue }
      switch Int32(address.pointee.sa_family) {
      case AF_INET:
        address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          addresses.append(HostAddress(bytes: withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) }))
        }
      case AF_INET6:
        address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          addresses.append(HostAddress(bytes: withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) }))
        }
      default: break
      }
    }
    return addresses
  }
}
