package import Hummingbird
internal import Logging
package import NIOCore
package import Store

/// What is known of a request while it is answered.
package struct APIContext: RequestContext {
  package var coreContext: CoreRequestContextStorage
  /// As in the answer's `x-request-id`.
  package let requestID: String
  /// Who asks; set by `Authentication`, and nil only on paths that are open to all.
  package var caller: Caller?
  /// The other end of the connection: a proxy's, where there is one.
  package var remoteAddress: SocketAddress? { channel.remoteAddress }
  let channel: any Channel
  package var maxUploadSize: Int { 64 << 20 }

  package init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    requestID = Identifier.new("req_")
    channel = source.channel
    logger[metadataKey: "request_id"] = .string(requestID)
  }

  /// Who asks, if they may do this; throws `APIFailure`.
  package func caller(for scope: KeyScope) throws -> Caller {
    guard let caller else {
      throw APIFailure(.unauthenticated, "no API key was given; send one as a bearer token")
    }
    guard caller.scopes.contains(scope) else {
      throw APIFailure(
        .forbidden, "this key has no leave for \(scope.rawValue); it has: \(caller.key?.scopes ?? "none")")
    }
    return caller
  }
}

/// A project, and the key that speaks for it; no key where the service asks for none.
package struct Caller: Sendable, Hashable {
  package var project: Project
  package var key: APIKey?
  package var scopes: Set<KeyScope>

  package init(project: Project, key: APIKey?, scopes: Set<KeyScope>) {
    self.project = project
    self.key = key
    self.scopes = scopes
  }
}
