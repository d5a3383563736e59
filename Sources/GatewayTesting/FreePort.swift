package import Gateway
internal import Hummingbird
package import Logging
package import ServiceLifecycle

/// Servers of tests, each on a port that was free.
package enum FreePort {
  /// A log that nobody reads.
  package static var quiet: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }

  /// Serves a gateway while `body`, which is told the port, runs.
  package static func serve<Value: Sendable>(
    _ gateway: Gateway, tls: GatewayServer.TLS? = nil, limits: GatewayLimits = GatewayLimits(),
    _ body: @Sendable (Int) async throws -> Value
  ) async throws -> Value {
    try await serve(body) { told in
      try GatewayServer(host: "127.0.0.1", port: 0, tls: tls, limits: limits)
        .application(gateway, logger: quiet) { told($0) }
    }
  }

  /// Serves what `make` makes, which is to tell its port, while `body` runs; then stops it in good order.
  package static func serve<Value: Sendable>(
    _ body: @Sendable (Int) async throws -> Value,
    by make: (@escaping @Sendable (Int) -> Void) throws -> some Service
  ) async throws -> Value {
    let (ports, running) = AsyncStream.makeStream(of: Int.self)
    let group = ServiceGroup(
      configuration: .init(
        services: [try make { running.yield($0) }], gracefulShutdownSignals: [], logger: quiet))
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        defer { running.finish() }
        try await group.run()
      }
      var iterator = ports.makeAsyncIterator()
      guard let port = await iterator.next() else {
        try await tasks.waitForAll()
        throw CancellationError()
      }
      let result: Value
      do { result = try await body(port) } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
      return result
    }
  }
}
