internal import Foundation
package import Gateway
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Records
package import ServiceLifecycle
internal import Store
package import UnixSignals

/// The service as a whole: ground, parts, gateway, background work, and an orderly end.
package struct ServiceApplication: Sendable {
  package let ground: ServiceGround
  package let routes: RouteTable
  private let gateway: Gateway
  private let parts: ServiceParts
  private let probe: ServiceProbe

  /// - Parameter worker: the path of the program that trains and answers; throws when there is none.
  package init(_ ground: ServiceGround, parts: ServiceParts, worker: @escaping @Sendable () throws -> String)
  {
    self.ground = ground
    self.parts = parts
    probe = ServiceProbe(folder: ground.folder, store: ground.store, state: ground.state, worker: worker)
    let router = Router(context: APIContext.self)
    parts.addRoutes(router)
    AccountRoutes(accounts: ground.accounts, authenticator: ground.authenticator).addRoutes(to: router)
    OperationRoutes(probe: probe, metrics: ground.metrics, description: OpenAPIDocument.json)
      .addRoutes(to: router)
    gateway = Gateway(
      router: router, authenticator: ground.authenticator, limits: GatewayLimits(ground.settings),
      metrics: ground.metrics, state: ground.state, openPaths: OperationRoutes.openPaths)
    routes = gateway.routes
    StoreFigures.add(to: ground.metrics, ground.store, ground.state)
  }

  /// Serves until the service group is told to stop.
  ///
  /// - Parameter onRunning: is told the address.
  package func services(onRunning: @escaping @Sendable (_ url: String) async -> Void) throws
    -> [any ServiceLifecycle.Service]
  {
    let settings = ground.settings
    let tls = settings.listen.certificate.flatMap { certificate in
      settings.listen.key.map { GatewayServer.TLS(certificate: certificate, key: $0) }
    }
    let server = GatewayServer(
      host: settings.listen.host, port: settings.listen.port, tls: tls, limits: GatewayLimits(settings))
    let address = ground.ownAddress
    let application: Application<Gateway>
    do {
      application = try server.application(gateway, logger: ground.logger) { port in
        let host = settings.listen.host.contains(":") ? "[\(settings.listen.host)]" : settings.listen.host
        await onRunning("\(tls == nil ? "http" : "https")://\(host):\(port)")
      }
    } catch {
      throw ServiceFailure("the certificate and its key cannot be used: \(error)")
    }
    var services: [any ServiceLifecycle.Service] = parts.loops.map {
      BackgroundService(name: $0.name, work: $0.run)
    }
    services.append(BackgroundService(name: "housekeeping", work: housekeeping))
    // The service's own workers ask its models, and go on asking when it has ended: over this, whatever the certificate
    // says and wherever the next one's door is.
    let inside = InsidePort(ground.folder)
    services.append(
      try GatewayServer(
        host: "127.0.0.1", port: inside.choose(besides: settings.listen.port), limits: GatewayLimits(settings)
      ).application(gateway, logger: ground.logger) {
        inside.keep($0)
        address.listens(at: $0)
      })
    services.append(application)
    services.append(
      DrainingService(
        state: ground.state, limit: .seconds(settings.timeouts.drain), logger: ground.logger))
    return services
  }

  /// The services as one that is told to stop, by signals or its own method.
  ///
  /// A handler that does not notice that its connection was cut is cancelled some seconds after the others had to end.
  package func group(
    stoppedBy signals: [UnixSignal], onRunning: @escaping @Sendable (_ url: String) async -> Void
  ) throws -> ServiceGroup {
    var configuration = ServiceGroupConfiguration(
      services: try services(onRunning: onRunning).map { .init(service: $0) },
      gracefulShutdownSignals: signals, logger: ground.logger)
    // Workers that are told to end have ten minutes for their last checkpoint.
    let checkpoints = ground.settings.jobs.leaveRunning ? 0 : 600
    configuration.maximumGracefulShutdownDuration = .seconds(ground.settings.timeouts.drain + 5 + checkpoints)
    return ServiceGroup(configuration: configuration)
  }

  /// Runs until SIGTERM or SIGINT, and ends in good order.
  package func run(onRunning: @escaping @Sendable (_ url: String) async -> Void) async throws {
    let group = try group(stoppedBy: [.sigterm, .sigint], onRunning: onRunning)
    do { try await group.run() } catch is CancellationError {
      ground.logger.warning("what did not end by itself was ended")
    } catch let error as IOError {
      let place = "\(ground.settings.listen.host):\(ground.settings.listen.port)"
      throw ServiceFailure(
        error.errnoCode == EADDRINUSE
          ? "\(place) is taken by another program; choose another port with --port"
          : "\(place) cannot be listened at: \(String(cString: strerror(error.errnoCode)))")
    }
  }

  /// What deserves a warning before anybody can reach the service.
  package var warnings: [String] {
    let settings = ground.settings
    var warnings: [String] = []
    if !settings.isLoopback {
      if settings.listen.certificate == nil {
        warnings.append(
          "it listens at \(settings.listen.host) without TLS: keys and data can be read on the way; give "
            + "--tls-certificate and --tls-key, or let a proxy do it")
      }
      if settings.auth == .off {
        warnings.append(
          "it listens at \(settings.listen.host) without keys: whoever reaches it may do everything")
      }
    }
    return warnings
  }

  /// What is done now and then, and at the end.
  @Sendable private func housekeeping() async throws {
    var rounds = 0
    while (try? await Task.sleep(for: .seconds(30))) != nil {
      rounds += 1
      await keepHouse(forgetsAudit: rounds % 120 == 1)
    }
    await keepHouse(forgetsAudit: false)
  }

  /// In a task of its own: the store refuses those that are cancelled, as all are when the service ends.
  private func keepHouse(forgetsAudit: Bool) async {
    await Task {
      do throws(StoreError) {
        try await ground.authenticator.flushUse()
        if let days = ground.settings.auditDays, forgetsAudit {
          try await ground.store.forgetAudit(before: .now - days * 86_400)
        }
      } catch {
        ground.logger.error("housekeeping failed; it is tried again", metadata: ["cause": "\(error.message)"])
      }
    }.value
  }
}

extension GatewayLimits {
  /// What the settings say of it.
  init(_ settings: ServiceSettings) {
    self.init()
    connections = settings.limits.connections
    headerBytes = settings.limits.headerBytes
    urlBytes = min(urlBytes, settings.limits.headerBytes)
    bodyBytes = settings.limits.bodyBytes
    requestsPerMinute = settings.limits.requestsPerMinute
    headerSeconds = settings.timeouts.headers
    idleSeconds = settings.timeouts.idle
    bodySeconds = settings.timeouts.body
    answerSeconds = settings.timeouts.answer
  }
}
