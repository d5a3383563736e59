internal import Foundation
internal import HTTPTypes
package import Hummingbird
package import Store
internal import Synchronization

/// Finds out who asks. Keys are kept in memory for a few seconds, so that a busy client costs no look-up for each
/// request; one that this process revokes is forgotten at once, one that another process revokes within that time.
package final class Authenticator: Sendable {
  /// Whether keys are wanted.
  package enum Mode: Sendable, Hashable {
    case keys
    /// Everybody speaks for one project, and may do everything.
    case off(Project)
  }

  private struct Known: Sendable {
    var key: APIKey
    var project: Project
    var readAt: ContinuousClock.Instant
  }

  private struct State: Sendable {
    /// By hash, or by access key id.
    var known: [String: Known] = [:]
    /// When each key was last seen, where the store does not have it yet.
    var lastUsed: [String: UnixTime] = [:]
  }

  private let store: Store
  private let mode: Mode
  private let signing: SigningSecret?
  private let internalKeys: InternalKeys?
  private let hosts: OwnHosts
  private let freshness: Duration
  private let state = Mutex(State())

  /// - Parameters:
  ///   - signing: what the secrets of AWS's signatures are derived from; nil takes no signed requests.
  ///   - internalKeys: by which the service's own workers ask its models.
  ///   - hosts: the names by which the service may be asked while keys are off.
  ///   - freshness: how long a key is believed without a look at the store.
  package init(
    store: Store, mode: Mode, signing: SigningSecret? = nil, internalKeys: InternalKeys? = nil,
    hosts: OwnHosts = OwnHosts(), freshness: Duration = .seconds(3)
  ) {
    self.store = store
    self.mode = mode
    self.signing = signing
    self.internalKeys = internalKeys
    self.hosts = hosts
    self.freshness = freshness
  }

  /// Who sent a request; nil when it brings nothing that tells. Throws `APIFailure` for a key that does not hold.
  ///
  /// A signed request's body is read for it, and is in memory afterwards.
  package func caller(of request: inout Request) async throws -> Caller? {
    if case .off(let project) = mode {
      try refuseForeignNames(request)
      try refuseForeignPages(request)
      return Caller(project: project, key: nil, scopes: Set(KeyScope.allCases))
    }
    guard let credentials = Credentials(request) else { return nil }
    let known: Known
    switch credentials {
    case .key(let text):
      if let id = internalKeys?.projectID(of: text) { return try await worker(of: id) }
      let hash = APIKey.hash(of: text)
      guard let found = try await find(hash, { try await self.store.key(hash: hash) }),
        Self.areEqual(found.key.hash, hash)
      else {
        throw APIFailure(.unauthenticated, "this API key is not known; `operant keys create` makes one")
      }
      known = found
    case .signature(let header):
      known = try await checked { () throws(SignatureFailure) in
        try SignatureClaim(header)
      } by: {
        $0
      } verify: { claim, secret in
        let body = try await request.bytes(limit: Self.maxSignedBody)
        try SignatureVerifier().verify(SignableRequest(request), claim, body: body, secret: secret)
        request.body = RequestBody(buffer: ByteBuffer(bytes: body))
      }
    case .presigned(let query):
      known = try await checked { () throws(SignatureFailure) in
        try PresignedQuery(query)
      } by: {
        $0.claim
      } verify: { presigned, secret in
        let body = try await request.bytes(limit: Self.maxSignedBody)
        try SignatureVerifier().verify(SignableRequest(request), presigned, body: body, secret: secret)
        request.body = RequestBody(buffer: ByteBuffer(bytes: body))
      }
    case .shortTerm(let text):
      known = try await checked { () throws(SignatureFailure) in
        try ShortTermKey(text)
      } by: {
        $0.query.claim
      } verify: { key, secret in
        try SignatureVerifier().verify(key.request, key.query, body: [], secret: secret)
      }
    case .unknown(let scheme):
      throw APIFailure(
        .unauthenticated, "authorization by \(scheme) is not known; send a key as a bearer token")
    }
    guard known.key.isValid(at: .now) else {
      throw APIFailure(
        .unauthenticated,
        known.key.revokedAt == nil ? "this API key has expired" : "this API key was revoked")
    }
    guard known.project.archivedAt == nil else {
      throw APIFailure(.forbidden, "the project \(known.project.name) is archived")
    }
    state.withLock { $0.lastUsed[known.key.id] = .now }
    return Caller(project: known.project, key: known.key, scopes: known.key.allows)
  }

  /// A worker of ours, as a project: it may ask models and no more.
  private func worker(of projectID: String) async throws -> Caller {
    guard let project = try await store.project(projectID), project.archivedAt == nil else {
      throw APIFailure(.forbidden, "the project of this internal key is gone or archived")
    }
    return Caller(project: project, key: nil, scopes: [.read, .inference])
  }

  /// Whose signature it is, once it was found to be right.
  ///
  /// - Parameters:
  ///   - read: what is said of the signature.
  ///   - verify: throws `SignatureFailure` where it does not hold; is given the secret of the key that is named.
  private func checked<Signed>(
    _ read: () throws(SignatureFailure) -> Signed, by claim: (Signed) -> SignatureClaim,
    verify: (Signed, String) async throws -> Void
  ) async throws -> Known {
    guard let signing else {
      throw APIFailure(.unauthenticated, "signatures are not checked here; send a key as a bearer token")
    }
    do {
      let signed = try read()
      let id = claim(signed).accessKeyID
      guard let found = try await find(id, { try await self.store.key(accessKeyID: id) }) else {
        throw APIFailure(
          .unauthenticated, "the access key \(id.prefix(40)) is not known",
          code: "UnrecognizedClientException")
      }
      try await verify(signed, signing.secret(of: id))
      return found
    } catch let failure as SignatureFailure {
      throw APIFailure(.unauthenticated, failure.message, code: failure.code)
    }
  }

  /// AWS's clients send nothing larger to these paths.
  private static let maxSignedBody = 64 << 20

  private func find(_ name: String, _ read: () async throws -> APIKey?) async throws -> Known? {
    let now = ContinuousClock.now
    if let known = state.withLock({ $0.known[name] }), now - known.readAt < freshness { return known }
    guard let key = try await read(), let project = try await store.project(key.projectID) else { return nil }
    let known = Known(key: key, project: project, readAt: now)
    state.withLock { state in
      if state.known.count >= 10_000 { state.known.removeAll() }
      state.known[name] = known
    }
    return known
  }

  /// Makes the next request look at the store again: a key or a project was changed by this process.
  package func forget() { state.withLock { $0.known.removeAll() } }

  /// Writes down when keys were last used; called now and then.
  package func flushUse() async throws(StoreError) {
    let used = state.withLock { state in
      defer { state.lastUsed.removeAll() }
      return state.lastUsed
    }
    if !used.isEmpty { try await store.recordUse(used) }
  }

  /// A page can have its own name lead to this machine, and is of the same origin as the service then. Its browser still
  /// says the name.
  private func refuseForeignNames(_ request: Request) throws {
    guard let authority = request.head.authority, !hosts.include(authority) else { return }
    throw APIFailure(
      .forbidden,
      "keys are off here, and '\(authority.prefix(80))' is no name of this service; ask localhost or an address, or "
        + "add the name to the setting listen.names")
  }

  /// Without keys anything that the user's browser can be made to send would be obeyed: a page of another origin is
  /// refused.
  private func refuseForeignPages(_ request: Request) throws {
    guard let origin = request.headers[.origin] else { return }
    let host = origin.range(of: "://").map { origin[$0.upperBound...] } ?? origin[...]
    guard host == request.head.authority ?? "" else {
      throw APIFailure(
        .forbidden, "keys are off here, so pages of other origins (\(origin.prefix(80))) may not ask")
    }
  }

  /// Without an early end that would tell how much of two texts is the same.
  static func areEqual(_ one: String, _ other: String) -> Bool {
    let (one, other) = (Array(one.utf8), Array(other.utf8))
    guard one.count == other.count else { return false }
    return zip(one, other).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

extension SignableRequest {
  /// A request as it came over the wire: the host stands apart there.
  fileprivate init(_ request: Request) {
    var fields = request.headers.map { Field($0.name.rawName, $0.value) }
    if let host = request.head.authority { fields.append(Field("host", host)) }
    self.init(method: request.method.rawValue, target: request.head.path ?? "/", fields: fields)
  }
}
