import Foundation
import Gateway
import Hummingbird
import Logging
import Records
import Service
import ServiceLifecycle

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A whole service in a folder of its own, with the routes of a test in place of jobs and models.
struct TestService: Sendable {
  let application: ServiceApplication
  let url: String
  let group: ServiceGroup
  var ground: ServiceGround { application.ground }

  struct NoWorker: Error, CustomStringConvertible { let description = "there is no worker" }

  static func folder() -> String {
    FileManager.default.temporaryDirectory.appending(path: "service-\(UUID().uuidString)").path
  }

  /// Runs `body` against a service, then stops it in good order.
  static func run(
    _ settings: ServiceSettings, hasWorker: Bool = true, logger: Logger = quiet,
    parts: ServiceParts = ServiceParts { _ in },
    _ body: @Sendable (TestService) async throws -> Void
  ) async throws {
    let ground = try await ServiceGround(settings, logger: logger)
    let application = ServiceApplication(ground, parts: parts) {
      if !hasWorker { throw NoWorker() }
      return "/bin/true"
    }
    let (urls, running) = AsyncStream.makeStream(of: String.self)
    let group = try application.group(stoppedBy: []) { running.yield($0) }
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask {
        defer { running.finish() }
        try await group.run()
      }
      var url: String?
      for await first in urls {
        url = first
        break
      }
      do {
        guard let url else { return try await tasks.waitForAll() }
        try await body(TestService(application: application, url: url, group: group))
      } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
      await group.triggerGracefulShutdown()
      try await tasks.waitForAll()
    }
  }

  static var quiet: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
  }

  /// Settings for a folder, on a free port.
  static func settings(_ folder: String) -> ServiceSettings {
    var settings = ServiceSettings()
    settings.data = folder
    settings.listen.port = 0
    return settings
  }

  struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let text: String
    var json: JSONValue? { try? JSONValue(parsing: text) }
  }

  func send(
    _ method: String, _ path: String, key: String? = nil, headers: [String: String] = [:],
    body: JSONValue? = nil
  ) async throws -> Answer {
    var request = URLRequest(url: URL(string: url + path)!)
    request.httpMethod = method
    request.timeoutInterval = 120
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "authorization") }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    if let body { request.httpBody = Data(body.serialised().utf8) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = response as? HTTPURLResponse
    var fields: [String: String] = [:]
    for (name, value) in http?.allHeaderFields ?? [:] { fields["\(name)".lowercased()] = "\(value)" }
    return Answer(
      status: http?.statusCode ?? 0, headers: fields, text: String(decoding: data, as: UTF8.self))
  }
}
