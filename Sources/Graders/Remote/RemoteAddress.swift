import Foundation

/// An address that a definition or the environment gives, checked before anything is sent.
struct RemoteAddress: Sendable {
  let url: URL

  /// Why a text is no address, as a clause: "has no host".
  struct Problem: Error { let clause: String }

  init(_ text: String) throws(Problem) {
    guard let parts = URLComponents(string: text), let url = parts.url else {
      throw Problem(clause: "is not an address; expected one such as https://judge.example/v1")
    }
    guard let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https" else {
      throw Problem(clause: "does not start with http:// or https://")
    }
    guard let host = parts.host, !host.isEmpty else { throw Problem(clause: "names no host") }
    guard parts.user == nil, parts.password == nil else {
      throw Problem(clause: "holds a user or password; name the environment variable of the key instead")
    }
    self.url = url
  }

  /// The address with a path behind its own; a query stays at the end.
  func appending(_ path: String) -> URL {
    guard var parts = URLComponents(url: url, resolvingAgainstBaseURL: true) else { return url }
    let base = parts.percentEncodedPath
    parts.percentEncodedPath = (base.hasSuffix("/") ? String(base.dropLast()) : base) + path
    return parts.url ?? url
  }
}

extension DefinitionReader {
  /// An address; nil when it is absent or was reported. The address itself is not repeated: it may hold a key.
  func address(_ key: String) -> RemoteAddress? {
    guard let text = string(key) else { return nil }
    do throws(RemoteAddress.Problem) {
      return try RemoteAddress(text)
    } catch {
      self.error(key, error.clause)
      return nil
    }
  }
}
