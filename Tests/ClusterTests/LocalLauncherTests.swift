import Checkpoints
import Foundation
import Records
import Testing

@testable import Cluster

@Suite(.timeLimit(.minutes(30)))
struct LocalLauncherTests {
  /// A script in the place of the worker, and a folder for it to write to; both go with the object.
  final class Bench: Sendable {
    let folder: String
    let launcher: LocalLauncher

    init(_ script: String) throws {
      folder =
        FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        .appending(path: "operant-launch-\(UUID().uuidString)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let path = folder + "/worker"
      try ("#!/bin/bash\n" + script).write(toFile: path, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
      launcher = LocalLauncher(executable: path, environment: ["PATH": "/usr/bin:/bin"])
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func launch() -> WorkerLaunch {
      WorkerLaunch(id: UUID().uuidString, host: ThisMachine.host, boot: ThisMachine.boot)
    }

    func start(_ launch: WorkerLaunch) async throws -> WorkerLaunch {
      try await launcher.start(WorkerAssignment(.train(runFolder: folder), folder: folder), launch: launch)
    }

    func end(of launch: WorkerLaunch) async throws -> WorkerState {
      while true {
        let state = await launcher.state(of: launch, folder: folder)
        if state != .running { return state }
        try await Task.sleep(for: .milliseconds(10))
      }
    }

    func text(_ file: String) throws -> String {
      try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
    }

    func wait(for file: String) async throws {
      while !FileManager.default.fileExists(atPath: folder + "/" + file) {
        try await Task.sleep(for: .milliseconds(10))
      }
    }
  }

  @Test func `a worker reads its request and writes events and log, a session of its own`() async throws {
    let bench = try Bench(
      #"""
      read -r line; echo "$line"; echo problem >&2
      cut -d' ' -f6 /proc/$$/stat >&2; echo $$ >&2; exit 3
      """#)
    try "{\"event\":\"half".write(toFile: bench.folder + "/events.jsonl", atomically: true, encoding: .utf8)
    let launch = try await bench.start(bench.launch())
    #expect(try await bench.end(of: launch) == .ended(.exited(3)))
    let events = try bench.text("events.jsonl").split(separator: "\n")
    #expect(events.count == 2 && events[0] == "{\"event\":\"half")
    let request = try WorkerLine.decode(WorkerRequest.self, from: events[1].utf8)
    #expect(request == .train(runFolder: bench.folder))
    let log = try bench.text("worker.log").split(separator: "\n")
    #expect(log[0] == "problem" && log[1] == log[2])
    #expect(await bench.launcher.state(of: launch, folder: bench.folder) == .ended(nil), "seen once")
  }

  @Test func `a worker inherits none of our files`() async throws {
    var pipes: [Int32] = [0, 0]
    #expect(pipe(&pipes) == 0)
    defer { for file in pipes { close(file) } }
    let bench = try Bench("for f in /proc/$$/fd/*; do readlink $f; done >&2")
    let launch = try await bench.start(bench.launch())
    _ = try await bench.end(of: launch)
    let log = try bench.text("worker.log")
    #expect(log.contains("request.json") && !log.contains("pipe:"), "\(log)")
  }

  @Test func `a worker is found by its launch alone`() async throws {
    let bench = try Bench("sleep 1000 & wait")
    let launch = bench.launch()
    #expect(await bench.launcher.state(of: launch, folder: bench.folder) == .ended(nil))
    let started = try await bench.start(launch)
    #expect(started.process != nil)
    // The system shows a new process's environment a moment after the process.
    while await bench.launcher.state(of: launch, folder: bench.folder) != .running {
      try await Task.sleep(for: .milliseconds(10))
    }
    #expect(await LocalLauncher(executable: "/none").state(of: launch, folder: bench.folder) == .running)
    await bench.launcher.end(launch)
    #expect(try await bench.end(of: started) == .ended(.signaled(SIGKILL)))
    #expect(await bench.launcher.state(of: launch, folder: bench.folder) == .ended(nil))
  }

  @Test func `a worker is asked to finish by SIGINT`() async throws {
    let bench = try Bench("trap 'exit 7' INT; touch ${0%/*}/ready; while true; do sleep 0.05; done")
    let launch = try await bench.start(bench.launch())
    try await bench.wait(for: "ready")
    await bench.launcher.finish(launch)
    #expect(try await bench.end(of: launch) == .ended(.exited(7)))
  }

  @Test func `a process of the same number is not taken for the worker`() async throws {
    let bench = try Bench("exit 0")
    var launch = bench.launch()
    launch.process = ProcessIdentity(pid: getpid(), started: 1)
    #expect(await bench.launcher.state(of: launch, folder: bench.folder) == .ended(nil))
    launch.process = ProcessIdentity(pid: getpid())
    #expect(await bench.launcher.state(of: launch, folder: bench.folder) == .running)
    launch.boot = "another"
    #expect(await bench.launcher.state(of: launch, folder: bench.folder) == .lostWithMachine)
    await bench.launcher.end(launch)
  }

  @Test func `who holds a run's lock is found by the lock`() async throws {
    let plan = Plan(name: "p", data: DataPlan(train: .file("/t")), grader: .null)
    let bench = try Bench("exit 0")
    let run = try RunFolder.create(plan, under: bench.folder + "/runs")
    #expect(await bench.launcher.holder(of: run.path) == nil)
    let lock = try run.lock()
    #expect(await bench.launcher.holder(of: run.path)?.process?.pid == getpid())
    withExtendedLifetime(lock) {}
  }

  @Test func `a program that is not there is said`() async throws {
    let bench = try Bench("exit 0")
    let launcher = LocalLauncher(executable: "/nowhere/operant-worker")
    await #expect(throws: LaunchFailure.self) {
      _ = try await launcher.start(
        WorkerAssignment(.train(runFolder: bench.folder), folder: bench.folder), launch: bench.launch())
    }
  }

  @Test func `a process's name may hold anything`() throws {
    // Of the fields behind the session, the 14th counts threads and the 16th says when it started.
    func fields(threads: Int) -> String {
      (1...50).map { $0 == 14 ? "\(threads)" : "\($0)" }.joined(separator: " ")
    }
    let stat = try #require(ProcessStat(text: "42 (a) Z) b) S 1 42 77 " + fields(threads: 1)))
    #expect(stat.session == 77 && !stat.hasEnded)
    #expect(stat.started == 16)
    #expect(ProcessStat(text: "42 (dead) Z 1 42 77 " + fields(threads: 1))?.hasEnded == true)
    #expect(ProcessStat(text: "42 (dying) Z 1 42 77 " + fields(threads: 3))?.hasEnded == false)
    #expect(ProcessStat(text: "42 (short) S 1") == nil)
  }
}
