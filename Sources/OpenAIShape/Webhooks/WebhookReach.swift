import Foundation

/// How far webhooks may go. Their addresses come from clients, and the service asks on their behalf from inside the
/// operator's network.
package enum WebhookReach: String, Sendable, Hashable, CaseIterable {
  /// Addresses of the internet, over TLS.
  case outside
  /// This machine and its private networks as well, with or without TLS.
  case inside
  /// Link-local addresses too, metadata services of clouds among them.
  case everywhere

  /// Why nothing is sent to an address, or nil when it may be.
  func objection(to url: URL) -> String? {
    guard let scheme = url.scheme?.lowercased(), scheme == "https" || (scheme == "http" && self != .outside)
    else {
      return self == .outside ? "webhooks go to https:// addresses only" : "expected http:// or https://"
    }
    guard let host = url.host, !host.isEmpty else { return "the address names no host" }
    guard url.user == nil, url.password == nil else { return "the address holds a user or a password" }
    guard let literal = HostAddress(literal: host) else { return nil }
    return objection(to: [literal])
  }

  /// The same for what a host's name stands for. One address that is too near spoils them all: which is taken is not
  /// for us to say.
  func objection(to addresses: [HostAddress]) -> String? {
    guard !addresses.isEmpty else { return "the host's name is not known" }
    for address in addresses {
      switch address.reach {
      case .outside: continue
      case .inside where self != .outside: continue
      case .linkLocal where self == .everywhere: continue
      case .inside:
        return "the address lies in a private network, which webhooks of this service may not reach"
      case .linkLocal: return "the address is link-local, which webhooks of this service may not reach"
      case .nobody: return "the address is nobody's"
      }
    }
    return nil
  }
}
