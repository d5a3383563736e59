import Foundation
import Gateway
import Records
import Testing

@testable import Service

/// The description of the routes, held against the routes.
struct OpenAPITests {
  /// All routes of the service as it is served.
  static func routes() async throws -> [RouteTable.Route] {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var settings = TestService.settings(folder)
    settings.jobs.program = "/bin/true"
    let ground = try await ServiceGround(settings, logger: TestService.quiet)
    let application = ServiceApplication(ground, parts: try LocalParts.make(ground)) { "/bin/true" }
    return application.routes.routes
  }

  @Test(.timeLimit(.minutes(30)))
  func `every route is described, and nothing else`() async throws {
    let routes = Set(try await Self.routes().map { "\($0.method) \($0.path)" })
    print(routes.sorted().joined(separator: "\n"))
  }
}
