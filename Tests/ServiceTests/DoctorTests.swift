import Foundation
import Service
import Testing

/// What the doctor says of services that are well and of some that are not.
struct DoctorTests {
  static func findings(_ change: (inout ServiceSettings) -> Void) async -> [String: Doctor.Verdict] {
    var settings = TestService.settings(TestService.folder())
    settings.jobs.program = "/bin/true"
    change(&settings)
    let findings = await Doctor(settings).examine()
    return Dictionary(findings.map { ($0.name, $0.verdict) }) { one, _ in one }
  }

  @Test(.timeLimit(.minutes(30)))
  func `it tells what would keep a service from its work`() async throws {
    let well = await Self.findings { $0.listen.port = 0 }
    #expect(well["data folder"] == .good)
    #expect(well["worker"] == .good)
    #expect(well["port"] == .good)
    let ill = await Self.findings {
      $0.data = "/proc/nowhere/data"
      $0.jobs.program = "/nowhere/worker"
      $0.listen.host = "0.0.0.0"
      $0.auth = .off
      $0.models = [.init(name: "x", source: "/nowhere/model.gguf")]
      $0.jobs.memory = 1 << 60
    }
    #expect(ill["data folder"] == .bad)
    #expect(ill["worker"] == .bad)
    #expect(ill["model x"] == .bad)
    #expect(ill["keys"] == .bad)
    #expect(ill["TLS"] == .doubtful)
    #expect(ill["memory"] == .doubtful)
  }

  @Test(.timeLimit(.minutes(30)))
  func `a port that another program has is told`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TestService.run(TestService.settings(folder)) { service in
      let port = try #require(URL(string: service.url)?.port)
      let findings = await Self.findings { $0.listen.port = port }
      #expect(findings["port"] == .bad)
    }
  }
}
