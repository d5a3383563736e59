/// Keys by which the service's own workers ask its models, as a project: a judge in a job's grader is one of them.
///
/// They are derived, not stored, and hold for one project; they never leave the machine's processes.
package struct InternalKeys: Sendable {
  private static let prefix = "sk-internal-"
  private let master: [UInt8]

  /// - Parameter master: the service's own secret.
  package init(master: [UInt8]) { self.master = master }

  package func key(for projectID: String) -> String { "\(Self.prefix)\(projectID)-\(proof(projectID))" }

  /// The project that a key speaks for; nil for any other text.
  package func projectID(of key: String) -> String? {
    guard key.hasPrefix(Self.prefix) else { return nil }
    let parts = key.dropFirst(Self.prefix.count)
    guard let cut = parts.lastIndex(of: "-") else { return nil }
    let projectID = String(parts[..<cut])
    let given = Array(parts[parts.index(after: cut)...].utf8)
    let expected = Array(proof(projectID).utf8)
    guard given.count == expected.count else { return nil }
    // Every byte is looked at, so that the time it takes tells nothing.
    let difference = zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
    return difference == 0 ? projectID : nil
  }

  private func proof(_ projectID: String) -> String {
    Digest.hex(Digest.hmac(key: master, Array("operant internal \(projectID)".utf8)))
  }
}
