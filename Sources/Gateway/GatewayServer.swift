internal import Foundation
package import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
package import Logging
internal import NIOCore

/// Where the gateway listens, and how.
package struct GatewayServer: Sendable {
  /// A certificate chain and its key, as PEM files.
  package struct TLS: Sendable, Hashable {
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  package var host: String
  /// 0 for any that is free.
  package var port: Int
  package var tls: TLS?
  package var limits: GatewayLimits

  package init(host: String, port: Int, tls: TLS? = nil, limits: GatewayLimits = GatewayLimits()) {
    self.host = host
    self.port = port
    self.tls = tls
    self.limits = limits
  }

  /// The server as a service, to be run with others; throws when certificate and key cannot be used.
  ///
  /// - Parameter onRunning: is told the port.
  package func application(
    _ gateway: Gateway, logger: Logger, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }
  ) throws -> Application<Gateway> {
    Application(
      responder: gateway, server: try builder(),
      configuration: .init(
        address: .hostname(host, port: port), serverName: "operant",
        availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
      onServerRunning: { await onRunning($0.localAddress?.port ?? port) }, logger: logger)
  }

  /// Throws when certificate and key cannot be read.
  package func check() throws { _ = try builder() }

  private func builder() throws -> HTTPServerBuilder {
    let limits = limits
    let plain = HTTPServerBuilder.http1(
      configuration: .init(
        additionalChannelHandlers: [RequestPace(limits), ClientPresence()],
        idleTimeout: .seconds(Int64(limits.idleSeconds)),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: limits.headerBytes, maxHeaderListSize: limits.headerBytes,
          maxHeaderFieldCount: limits.headerCount)))
    guard let tls else { return plain }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(tls.certificate).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: tls.key, format: .pem)))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    return try .tls(plain, tlsConfiguration: configuration)
  }
}
