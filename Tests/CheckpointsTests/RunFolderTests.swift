import Checkpoints
import Foundation
import Records
import Testing

struct `A run folder` {
  let root: TemporaryFolder
  init() throws { root = try TemporaryFolder() }

  @Test func `is named after the plan and the time, and is never one that exists`() throws {
    let date = Date(timeIntervalSince1970: 1_795_262_645)
    let first = try RunFolder.create(Samples.plan(), under: root.path + "/runs", at: date)
    let second = try RunFolder.create(Samples.plan(), under: root.path + "/runs", at: date)
    #expect(first.name == "adding-up-20261121-120405")
    #expect(second.name == "adding-up-20261121-120405-2")
    #expect(try FileManager.default.contentsOfDirectory(atPath: root.path + "/runs").count == 2)
  }

  @Test(arguments: [
    ("../../etc", "etc-"), ("", "run-"), ("a/b c", "a-b-c-"), ("größe", "gr--e-"), (".hidden", "hidden-"),
  ])
  func `of any plan's name stays below its root`(name: String, prefix: String) throws {
    let folder = try RunFolder.create(Samples.plan(name: name), under: root.path)
    #expect(folder.name.hasPrefix(prefix), "\(folder.name)")
    #expect(
      (folder.path as NSString).deletingLastPathComponent == URL(filePath: root.path).standardizedFileURL.path
    )
  }

  @Test func `keeps its plan, the order of the grader's keys included`() throws {
    let plan = Samples.plan()
    let made = try RunFolder.create(plan, under: root.path)
    let read = try RunFolder(opening: made.path).plan()
    #expect(read == plan)
    #expect(read.grader.serialised() == plan.grader.serialised())
  }

  @Test func `that is not there is named with one that is near`() throws {
    let made = try RunFolder.create(Samples.plan(), under: root.path)
    let error = #expect(throws: StorageError.self) { try RunFolder(opening: made.path + "1") }
    #expect(error?.kind == .missing)
    #expect(error?.message.contains(made.name) == true)
    let plain = #expect(throws: StorageError.self) { try RunFolder(opening: root.path) }
    #expect(plain?.message.contains("no plan.json") == true)
  }

  @Test func `is written by one worker at a time`() throws {
    let folder = try RunFolder.create(Samples.plan(), under: root.path)
    #expect(!folder.isLocked)
    do {
      let lock = try folder.lock()
      let error = #expect(throws: StorageError.self) { try folder.lock() }
      #expect(error?.kind == .locked)
      #expect(error?.message.contains("pid \(getpid())") == true)
      #expect(folder.isLocked)
      withExtendedLifetime(lock) {}
    }
    #expect(!folder.isLocked)
    _ = try folder.lock()
  }

  @Test func `whose worker died is seen as interrupted`() throws {
    let folder = try RunFolder.create(Samples.plan(), under: root.path)
    #expect(try folder.status().state == .created)
    var status = try folder.status()
    status.state = .running
    status.step = 2
    try folder.write(status)
    do {
      let lock = try folder.lock()
      #expect(try folder.observedStatus().state == .running)
      withExtendedLifetime(lock) {}
    }
    let observed = try folder.observedStatus()
    #expect(observed.state == .interrupted)
    #expect(observed.step == 2)
    #expect(observed.reason.contains("pid \(getpid())"))
  }

  @Test func `notes a failure until the next attempt`() throws {
    let folder = try RunFolder.create(Samples.plan(), under: root.path)
    #expect(try folder.failure() == nil)
    let failure = WorkerFailure(.grading, "two thirds of the grades failed")
    try folder.write(failure)
    #expect(try folder.failure() == failure)
    try folder.removeFailure()
    try folder.removeFailure()
    #expect(try folder.failure() == nil)
  }

  @Test func `is listed with what it reached, newest first`() async throws {
    let old = try RunFolder.create(
      Samples.plan(name: "old"), under: root.path, at: Date(timeIntervalSince1970: 1_000))
    let new = try RunFolder.create(Samples.plan(name: "new"), under: root.path)
    try FileManager.default.createDirectory(
      atPath: root.path + "/not-a-run", withIntermediateDirectories: true)
    let lock = try old.lock()
    let journal = try Journal(old, lock: lock, resumingAt: 0)
    try await journal.record(Samples.record(0), timing: Samples.timing(0), groups: [])
    try await journal.record(Samples.evaluation(1))
    let runs = try RunFolder.list(under: root.path)
    #expect(runs.map(\.folder) == [new, old])
    #expect(runs[1].last == Samples.record(0))
    #expect(runs[1].evaluation == Samples.evaluation(1))
    // A line that is being written is not yet there for others.
    let half = try #require(FileHandle(forWritingAtPath: old.journalPath))
    try half.seekToEnd()
    try half.write(contentsOf: Data("{\"step\":1".utf8))
    #expect(try RunFolder.list(under: root.path)[1].last == Samples.record(0))
    #expect(runs[0].last == nil && runs[0].evaluation == nil)
    #expect(runs[0].model == "smollm2-135m-instruct")
    #expect(try RunFolder.list(under: root.path + "/none").isEmpty)
  }
}
