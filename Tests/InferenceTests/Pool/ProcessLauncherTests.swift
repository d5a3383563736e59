import Foundation
import Records
import Testing

@testable import Inference

/// Workers as processes, played by shell scripts.
struct ProcessLauncherTests {
  private static let request = ServeRequest(modelPath: "/model", dtype: .float32)
  private static let ready = ServeEvent.ready(
    ServedModelFigures(architecture: "t", parameters: 1, vocabulary: 2, positions: 3, seconds: 0))

  private static func launch(_ script: String) throws -> any ServingConnection {
    let path = FileManager.default.temporaryDirectory.appending(path: "worker-\(UUID().uuidString).sh").path
    try ("#!/bin/sh\n" + script + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return ProcessLauncher(
      executable: path, environment: ["READY": try WorkerLine.encode(ready)]
    ).launch(request)
  }

  private static func all(_ connection: any ServingConnection) async -> [ServeLine] {
    var lines: [ServeLine] = []
    for await line in connection.lines { lines.append(line) }
    return lines
  }

  @Test func `a worker reads the request and commands, and ends with its input`() async throws {
    let connection = try Self.launch(
      """
      read -r request; case "$request" in *'"serve"'*) ;; *) exit 9;; esac
      echo "$READY"
      read -r command; case "$command" in *'"unload"'*) ;; *) exit 8;; esac
      echo 'a library says hello'; echo 't 1 0 65 0 2 1 66 0'
      cat > /dev/null
      """)
    connection.send(.unload(PolicyName("a")))
    var lines: [ServeLine] = []
    for await line in connection.lines {
      lines.append(line)
      if case .tokens = line { connection.close() }
    }
    #expect(
      lines == [
        .event(Self.ready),
        .tokens([
          .init(id: 1, attempt: 0, token: 65, logProbability: 0),
          .init(id: 2, attempt: 1, token: 66, logProbability: 0),
        ]),
      ])
    #expect(await connection.failure() == nil)
  }

  @Test func `a worker that fails is told of with its last words`() async throws {
    let connection = try Self.launch("echo 'no such file: model' >&2; exit 3")
    #expect(await Self.all(connection) == [])
    let failure = try #require(await connection.failure())
    #expect(failure.contains("code 3"))
    #expect(failure.contains("no such file: model"))
  }

  @Test func `a worker that is killed is told of`() async throws {
    let connection = try Self.launch("echo \"$READY\"; while true; do sleep 1; done")
    for await line in connection.lines where line == .event(Self.ready) { connection.kill() }
    #expect(await connection.failure() == "it was killed")
    let other = try Self.launch("kill -9 $$")
    _ = await Self.all(other)
    #expect(await other.failure()?.contains("out of memory") == true)
  }

  @Test func `a program that is not there is told of`() async throws {
    let connection = ProcessLauncher(executable: "/nowhere/operant-worker").launch(Self.request)
    #expect(await Self.all(connection) == [])
    #expect(await connection.failure()?.contains("/nowhere/operant-worker could not be run") == true)
  }
}
