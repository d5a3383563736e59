package import Gateway
package import Hummingbird

/// What the service is made of beside its gateway: whose routes there are, and what goes on in the background.
/// `LocalParts` makes the real ones; tests bring their own.
package struct ServiceParts: Sendable {
  /// A loop that runs until its task is cancelled.
  package struct Loop: Sendable {
    package let name: String
    package let run: @Sendable () async throws -> Void

    package init(_ name: String, _ run: @escaping @Sendable () async throws -> Void) {
      self.name = name
      self.run = run
    }
  }

  package var addRoutes: @Sendable (Router<APIContext>) -> Void
  /// In the order of their start; they are stopped the other way round, after the server.
  package var loops: [Loop]

  package init(loops: [Loop] = [], addRoutes: @escaping @Sendable (Router<APIContext>) -> Void) {
    self.loops = loops
    self.addRoutes = addRoutes
  }
}
