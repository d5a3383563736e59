internal import Cluster
internal import Foundation
internal import Logging
internal import Store

/// `operant serve`: the service with everything in it, on this machine.
package enum LocalService {
  /// Runs until SIGTERM or SIGINT.
  ///
  /// - Parameter announce: takes what a person at the terminal is told: the first key, once, and the address.
  package static func run(_ settings: ServiceSettings, announce: @escaping @Sendable (String) -> Void)
    async throws
  {
    let logger = Self.logger(settings)
    let ground = try await ServiceGround(settings, logger: logger)
    if let key = ground.firstKey {
      announce(
        """
        The first key, shown this once: \(key.secret)
        For AWS's clients: access key \(key.key.accessKeyID), secret key \(key.secretAccessKey)
        """)
    }
    let worker = LocalParts.workerPath(settings)
    let parts = try LocalParts.make(ground)
    let application = ServiceApplication(ground, parts: parts, worker: worker)
    for warning in application.warnings { logger.warning("\(warning)") }
    if let missing = LocalParts.missingModels(settings) { logger.warning("\(missing)") }
    let folder = ground.folder.path
    try await application.run { url in
      logger.info("serving", metadata: ["url": "\(url)", "data": "\(folder)"])
      announce("Serving at \(url), data in \(folder)")
    }
    logger.info("stopped")
  }

  private static func logger(_ settings: ServiceSettings) -> Logger {
    let level: Logger.Level =
      switch settings.log.level {
      case .debug: .debug
      case .info: .info
      case .warning: .warning
      case .error: .error
      }
    return Logger(label: "operant") { label in
      ServiceLogHandler(label: label, format: settings.log.format, level: level)
    }
  }
}
