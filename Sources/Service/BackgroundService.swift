internal import ServiceLifecycle

/// A loop that runs beside the server until the service is stopped.
struct BackgroundService: ServiceLifecycle.Service {
  let name: String
  /// Returns when its task is cancelled.
  let work: @Sendable () async throws -> Void

  func run() async throws {
    try await cancelWhenGracefulShutdown { try await work() }
  }
}
