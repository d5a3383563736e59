import Foundation
import Records
import Service
import Testing

/// Settings as they are read: defaults, file, environment, flags, and everything that can be wrong with them.
struct ServiceSettingsTests {
  func read(
    _ yaml: String?, environment: [String: String] = [:],
    flags: [(path: String, name: String, value: String)] = []
  ) throws -> SettingsReading {
    guard let yaml else { return SettingsReader.read(file: nil, environment: environment, flags: flags) }
    let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID().uuidString).yaml")
      .path
    try yaml.write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    return SettingsReader.read(file: file, environment: environment, flags: flags)
  }

  @Test func `without a word it listens to this machine alone, with keys and the default model`() throws {
    let settings = try read(nil).resolved()
    #expect(settings == ServiceSettings())
    #expect(settings.isLoopback)
    #expect(settings.auth == .keys)
    #expect(settings.models.map(\.name) == ["smollm2-135m-instruct"])
  }

  @Test func `a file goes over the defaults, a variable over the file, a flag over both`() throws {
    let yaml = """
      data: here
      listen: {host: 0.0.0.0, port: 1000}
      log: {format: json}
      jobs:
        memory: 8 GiB
        leave_running: false
      limits:
        requests_per_minute: 60
      objects: {shared: [a, b], owners: {training: default}}
      models:
        tiny: models/tiny.gguf
        big:
          source: /models/big
          dtype: float32
          aliases: [gpt-x, gpt-y]
      graders:
        lambdas:
          exact: {grader: {type: string_check}}
          remote: {endpoint: "http://127.0.0.1:1"}
      """
    let settings = try read(
      yaml,
      environment: [
        "OPERANT_LISTEN_PORT": "2000", "OPERANT_LOG_LEVEL": "debug", "OPERANT_OBJECTS_SHARED": "c, d",
      ],
      flags: [("listen.port", "--port", "3000")]
    ).resolved()
    #expect(settings.data.hasSuffix("/here") && settings.data.hasPrefix("/"))
    #expect(settings.listen.host == "0.0.0.0")
    #expect(settings.listen.port == 3000)
    #expect(settings.log.format == .json)
    #expect(settings.log.level == .debug)
    #expect(settings.jobs.memory == 8 << 30)
    #expect(!settings.jobs.leaveRunning)
    #expect(settings.limits.requestsPerMinute == 60)
    #expect(settings.objects.shared == ["c", "d"])
    #expect(settings.objects.owners == ["training": "default"])
    #expect(settings.models.map(\.name) == ["tiny", "big"])
    #expect(settings.models[0].source.hasSuffix("/models/tiny.gguf"))
    #expect(settings.models[1].dtype == .float32)
    #expect(settings.models[1].aliases == ["gpt-x", "gpt-y"])
    #expect(settings.graders.lambdas["remote"] == .endpoint("http://127.0.0.1:1"))
    #expect(settings.graders.lambdas["exact"] == .definition(["type": "string_check"]))
  }

  @Test func `all problems come at once, with their lines and the nearest names`() throws {
    let yaml = """
      listen:
        prot: 80
        port: 70000
        certificate: /nowhere/cert.pem
      auth: of
      jobs: 3
      limits: {body_bytes: many}
      bedrock: {account: 12}
      workers: 2
      models:
        a: {sauce: x, dtype: int8}
        b: {aliases: [a]}
      """
    let reading = try read(yaml, environment: ["OPERANT_SERVING_ROWS": "none"])
    let found = reading.diagnostics.map { "\($0.line) \($0.path): \($0.message)" }
    func has(_ line: Int, _ path: String, _ words: String) -> Bool {
      found.contains { $0.hasPrefix("\(line) \(path): ") && $0.contains(words) }
    }
    #expect(has(2, "listen.prot", "did you mean 'port'?"))
    #expect(has(3, "listen.port", "0 to 65535"))
    #expect(has(4, "listen.certificate", "no file at /nowhere/cert.pem"))
    #expect(has(5, "auth", "did you mean 'off'?"))
    #expect(has(6, "jobs", "expected a section with the keys workers"))
    #expect(has(7, "limits.body_bytes", "512MiB"))
    #expect(has(8, "bedrock.account", "twelve digits"))
    #expect(has(9, "workers", "did you mean 'jobs.workers'?"))
    #expect(has(11, "models.a.sauce", "did you mean 'source'?"))
    #expect(has(11, "models.a.dtype", "bfloat16, float32"))
    #expect(has(12, "models.b", "'a' is the name or alias of another model"))
    #expect(has(0, "serving.rows", "expected a whole number"))
    #expect(found.count == 12, "\(found)")
    #expect(throws: InvalidInput.self) { try reading.resolved() }
  }

  @Test func `a file that is not there or no YAML is a problem like any other`() throws {
    #expect(SettingsReader.read(file: "/nowhere/x.yaml", environment: [:]).diagnostics.count == 1)
    #expect(try read("a: [").diagnostics.count == 1)
    #expect(
      try read("listen: {port: 1, port: 2}").diagnostics.first?.message.contains("more than once") == true)
    #expect(
      try read("listen: {certificate: /etc/hosts}").diagnostics.first?.message.contains("go together") == true
    )
    #expect(try read("").resolved() == ServiceSettings())
  }

  @Test func `the reference page is that of the table which reads settings`() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Docs/service-reference.md")
    let written = try String(contentsOf: page, encoding: .utf8)
    #expect(
      written == SettingsReference.markdown,
      "run `operant serve --reference > Docs/service-reference.md`")
  }
}
