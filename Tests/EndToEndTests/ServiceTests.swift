import Foundation
import OperantTesting
import Records
import Testing

/// The service as its users meet it: `operant serve` with a tiny model, and the stock clients.
@Suite(.enabled(if: Project.missing == nil, "\(Project.missing ?? "")"), .timeLimit(.minutes(30)))
struct ServiceTests {
  @Test func `the stock openai package leads a job through its whole life`() async throws {
    let project = try Project()
    let service = try await RunningService.start(project)
    let found = try await service.client(
      "openai_life.py", [service.url + "/v1", service.key, "tiny", project.folder], folder: project.folder)
    let figures = try #require(try JSONValue(parsing: found).object)
    #expect((figures["steps"]?.integer ?? 0) >= 12)
    #expect(figures["paused"]?.string == "paused")
  }

  @Test func `the stock boto3 package leads a job through its whole life`() async throws {
    let project = try Project()
    let bucket = project.folder + "/data/objects/life"
    try FileManager.default.createDirectory(atPath: bucket, withIntermediateDirectories: true)
    try project.write(
      Project.rows(32, topic: "the sea").joined(separator: "\n"), to: "data/objects/life/train.jsonl")
    try project.write(
      """
      def lambda_handler(event, context):
          return [{"id": one["id"], "aggregate_reward_score": float(len(one["messages"][-1]["content"]) < 40)}
                  for one in event]

      """, to: "grade.py")
    let arn = "arn:aws:lambda:us-east-1:111122223333:function:grade"
    let service = try await RunningService.start(
      project,
      settings:
        "graders: {lambdas: {grade: {handler: \(project.folder)/grade.py}}}\nobjects: {shared: [life]}")
    let keys = try await project.operant.run(
      "keys", "create", "--name", "aws", "--data", project.folder + "/data", "--json")
    let made = try #require(try JSONValue(parsing: keys.output).object, "\(keys.error)")
    let access = try #require(made["access_key_id"]?.string)
    let secret = try #require(made["secret_access_key"]?.string)
    let found = try await service.client(
      "bedrock_life.py", [service.url, access, secret, "tiny", arn], folder: project.folder)
    #expect(try JSONValue(parsing: found).object?["model"]?.string?.hasPrefix("arn:aws:bedrock:") == true)
  }

  @Test func `the command line sends rows, starts a job and follows it as train does`() async throws {
    let project = try Project()
    let service = try await RunningService.start(project)
    try project.write(service.key + "\n", to: "key")
    try project.write(
      #"{"type": "regex", "name": "vowels", "pattern": "[aeiou].*[aeiou]"}"#, to: "grader.json")
    let done = try await project.operant.run(
      "job", "create", "--url", service.url, "--key-file", "key", "--model", "tiny", "--training-file",
      "train.jsonl", "--validation-file", "held-out.jsonl", "--grader", "grader.json", "--hyper",
      "n_epochs=1",
      "--hyper", "batch_size=8", "--watch")
    #expect(done.code == 0, "\(done.output)\n\(done.error)")
    // The worker's own lines, as operant train shows them.
    #expect(done.output.contains("step 0") || done.output.contains("1/3"), "\(done.output)")
    #expect(done.error.contains("succeeded"))
    let listed = try await project.operant.run(
      "job", "list", "--url", service.url, "--key-file", "key", "--json")
    let id = try #require(
      try JSONValue(parsing: String(listed.output.split(separator: "\n")[0])).object?["id"]?.string)
    let events = try await project.operant.run("job", "events", id, "--url", service.url, "--key-file", "key")
    #expect(events.output.contains("Created fine-tuning job"))
    let checkpoints = try await project.operant.run(
      "job", "checkpoints", id, "--url", service.url, "--key-file", "key")
    #expect(checkpoints.output.contains(":ckpt-step-"))
    let files = try await project.operant.run("files", "list", "--url", service.url, "--key-file", "key")
    #expect(files.output.contains("train.jsonl") && files.output.contains("fine-tune-results"))
    let refused = try await project.operant.run(
      "job", "show", "ftjob-none", "--url", service.url, "--key-file", "key")
    #expect(refused.code == 2 && refused.error.contains("ftjob-none"), "\(refused.error)")
    let keyless = try await project.operant.run("files", "list", "--url", service.url)
    #expect(keyless.code == 2, "\(keyless.error)")
  }

  @Test func `a paused job goes on from a backup, in another folder`() async throws {
    let project = try Project()
    var service: RunningService? = try await RunningService.start(project)
    let key = try #require(service?.key)
    try project.write(key + "\n", to: "key")
    // A quarter of an hour's work: whatever keeps this test waiting, there is something left to do after the pause.
    let source = "import time\n\n\ndef grade(sample, item):\n    time.sleep(0.2)\n    return 0.5\n"
    try project.write(
      JSONValue.object(JSONObject([("type", "python"), ("name", "slow"), ("source", .string(source))]))
        .serialised(), to: "grader.json")
    func job(_ verb: String, _ more: String...) async throws -> Operant.Result {
      try await project.operant.run(
        ["job", verb] + more + ["--url", service?.url ?? "", "--key-file", "key"])
    }
    func shown(_ id: String) async throws -> JSONValue {
      try JSONValue(parsing: try await job("show", id).output)
    }
    let made = try await job(
      "create", "--model", "tiny", "--training-file", "train.jsonl", "--grader", "grader.json", "--hyper",
      "n_epochs=50", "--hyper", "batch_size=4")
    #expect(made.code == 0, "\(made.error)")
    let listed = try await job("list", "--json").output.split(separator: "\n")
    let first = try #require(listed.first)
    let id = try #require(try JSONValue(parsing: String(first))["id"]?.string)
    /// Waits for what only a job that is not over can come to.
    func wait(_ isThere: () async throws -> Bool) async throws {
      while try await !isThere() {
        let status = try await shown(id)["status"]?.string ?? ""
        guard !["succeeded", "failed", "cancelled"].contains(status) else {
          throw Unexpected("the job is \(status): \(try await job("events", id).output.suffix(2000))")
        }
        try await Task.sleep(for: .milliseconds(100))
      }
    }
    func steps() async throws -> Int {
      try await job("checkpoints", id, "--json").output.split(separator: "\n").compactMap {
        try JSONValue(parsing: String($0))["step_number"]?.integer
      }.max() ?? 0
    }
    try await wait { try await job("events", id).output.contains("tep 2") }
    let paused = try await job("pause", id)
    #expect(paused.code == 0, "\(paused.error)")
    try await wait { try await shown(id)["status"] == "paused" }
    let before = try await steps()
    #expect(before >= 2)
    let backup = try await project.operant.run("backup", "--data", "data", "--to", "all.tar")
    #expect(backup.code == 0, "\(backup.error)")
    service = nil
    try FileManager.default.moveItem(atPath: project.folder + "/data", toPath: project.folder + "/gone")
    let restored = try await project.operant.run("restore", "--from", "all.tar", "--data", "other")
    #expect(restored.code == 0, "\(restored.error)")

    service = try await RunningService.start(project, data: "other", key: key)
    #expect(try await shown(id)["status"] == "paused")
    #expect(try await job("resume", id).code == 0)
    // Paused once more, it has gone on from where it was.
    try await wait { try await job("events", id).output.contains("tep \(before + 1)") }
    #expect(try await job("pause", id).code == 0)
    try await wait { try await shown(id)["status"] == "paused" }
    #expect(try await steps() > before)
    #expect(try await job("cancel", id).code == 0)
    service = nil
  }

  @Test func `kills of service and workers lose no job and run none twice`() async throws {
    let project = try Project()
    try project.write(
      "models:\n  tiny: {source: \(project.folder)/model, dtype: float32}\njobs: {retries: 50}\n",
      to: "service.yaml")
    let script = PythonScript.root.appending(path: "Scripts/clients/kill.py")
    let folder = project.folder
    // It is bound again after each death: below the ports that the system gives to connections.
    let port = Int.random(in: 20_000..<32_000)
    let text = try await offPool {
      let process = Process()
      process.executableURL = PythonScript.root.appending(path: ".venv/bin/python")
      process.arguments = [
        script.path, Operant.path, "service.yaml", folder + "/data", "\(port)", "tiny", folder, "8", "5",
      ]
      process.currentDirectoryURL = URL(filePath: folder)
      _ = FileManager.default.createFile(atPath: folder + "/kill.out", contents: nil)
      let sink = FileHandle(forWritingAtPath: folder + "/kill.out")
      process.standardOutput = sink
      process.standardError = sink
      try process.run()
      process.waitUntilExit()
      let text = (try? String(contentsOfFile: folder + "/kill.out", encoding: .utf8)) ?? ""
      guard process.terminationStatus == 0 else { throw Unexpected(String(text.suffix(4000))) }
      return text
    }
    let figures = try #require(try JSONValue(parsing: String(text.split(separator: "\n").last ?? "")).object)
    #expect((figures["accepted"]?.integer ?? 0) > 0)
  }
}
