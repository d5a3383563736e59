internal import Foundation

/// What a service may be called in a `host` field: an address, `localhost`, or a name that it was given. Browsers only
/// write an address there for a page that was asked for by address, so no other page can pass for the service with one.
package struct OwnHosts: Sendable, Hashable {
  private let names: Set<String>

  package init(_ names: [String] = []) {
    self.names = Set(names.map { Self.plain($0) } + ["localhost"])
  }

  /// - Parameter authority: a host, perhaps with a port.
  package func include(_ authority: String) -> Bool {
    if authority.hasPrefix("[") {
      let end = authority.firstIndex(of: "]") ?? authority.endIndex
      return Self.isAddress(String(authority[..<end].dropFirst()), AF_INET6)
    }
    let host = Self.plain(String(authority.prefix { $0 != ":" }))
    return names.contains(host) || Self.isAddress(host, AF_INET)
  }

  private static func isAddress(_ text: String, _ family: Int32) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) {
      inet_pton(family, text, $0.baseAddress) == 1
    }
  }

  /// Case means nothing, nor does a last point.
  private static func plain(_ name: String) -> String {
    let name = name.lowercased()
    return name.hasSuffix(".") ? String(name.dropLast()) : name
  }
}
