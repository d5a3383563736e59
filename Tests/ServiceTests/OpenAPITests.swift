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

  /// A router's path as the description has it: aliases stand for what they mean, parameters by place.
  static func normal(_ path: String) -> String {
    var path = path
    for alias in ["/openai/v1/", "/openai/"]
    where path.hasPrefix(alias) && !path.hasPrefix("/openai/deployments") {
      path = "/v1/" + path.dropFirst(alias.count)
    }
    // ARNs may arrive with their slashes as they are.
    path = path.replacing("/{kind}/{id}", with: "").replacing("/{kind}", with: "")
    return path.split(separator: "/").map { $0.hasPrefix("{") ? "{}" : String($0) }.joined(separator: "/")
  }

  /// Paths whose names may hold slashes have a wildcard in the router, which says nothing of what follows it.
  static let wild = ["v1/models/", "v1/fine_tuning/checkpoints/", "openai/deployments/"]

  static func cut(_ path: String) -> String {
    for prefix in wild where path.hasPrefix(prefix) { return prefix + "**" }
    return path
  }

  @Test(.timeLimit(.minutes(30)))
  func `every route is described, and nothing else`() async throws {
    let routes = Set(try await Self.routes().map { "\($0.method) \(Self.cut(Self.normal($0.path)))" })
    let described = Set(
      APIOperations.all.map { "\($0.method) \(Self.cut(Self.normal($0.path)))" })
    #expect(routes.subtracting(described) == [], "not described")
    #expect(described.subtracting(routes) == [], "no such route")
    #expect(routes.count > 60)
    #expect(Set(OpenAPIDocument.operations).count == APIOperations.all.count)
  }

  @Test func `every reference leads somewhere, and every schema is used`() throws {
    var used: Set<String> = []
    func visit(_ value: JSONValue) {
      if let text = value["$ref"]?.string { used.insert(text) }
      for element in value.array ?? [] { visit(element) }
      if let object = value.object { for key in object.keys { visit(object[key] ?? .null) } }
    }
    visit(OpenAPIDocument.json)
    var there: Set<String> = []
    for kind in ["schemas", "parameters", "responses"] {
      for name in OpenAPIDocument.json["components"]?[kind]?.object?.keys ?? [] {
        there.insert("#/components/\(kind)/\(name)")
      }
    }
    #expect(used.subtracting(there) == [])
    #expect(there.subtracting(used) == [])
  }

  @Test func `the committed description is this one`() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Docs/openapi.json")
    let written = try String(contentsOf: file, encoding: .utf8)
    #expect(written == OpenAPIDocument.text, "run `operant serve --openapi > Docs/openapi.json`")
  }

  @Test(.timeLimit(.minutes(30)))
  func `it is served to everybody`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TestService.run(TestService.settings(folder)) { service in
      let answer = try await service.send("GET", "/openapi.json")
      #expect(answer.json == OpenAPIDocument.json)
    }
  }
}
