import Foundation
import Records
import Service
import Store
import Synchronization
import Testing

/// A data folder copied while it is used, and brought back.
struct BackupTests {
  struct Written: Sendable {
    var files: [String: String] = [:]
    var projects: [String] = []
  }

  /// Adds a file and a project, as the service would.
  static func work(_ ground: ServiceGround, _ number: Int, _ written: inout Written) async throws {
    let project = try #require(try await ground.store.project(named: "default"))
    let text = String(repeating: "row \(number)\n", count: 2000)
    let file = StoredFile(
      projectID: project.id, filename: "f\(number)", bytes: text.utf8.count, purpose: "fine-tune",
      sha256: Digest.hex(Digest.sha256(Array(text.utf8))))
    try text.write(toFile: ground.folder.files + "/" + file.id, atomically: true, encoding: .utf8)
    try await ground.store.insert(file)
    written.files[file.id] = text
    let name = "p\(number)"
    _ = try await ground.accounts.createProject(name, by: .person)
    written.projects.append(name)
    let run = ground.folder.jobs + "/ftjob-\(number)/run"
    try FileManager.default.createDirectory(atPath: run, withIntermediateDirectories: true)
    try text.write(toFile: run + "/journal.jsonl", atomically: true, encoding: .utf8)
  }

  @Test(.timeLimit(.minutes(30)))
  func `a backup made under load has everything that was there when it began`() async throws {
    let folder = TestService.folder()
    let target = TestService.folder()
    defer {
      for path in [folder, target, folder + ".tar"] { try? FileManager.default.removeItem(atPath: path) }
    }
    let settings = TestService.settings(folder)
    let ground = try await ServiceGround(settings, logger: TestService.quiet)
    let secret = try #require(ground.firstKey?.secret)
    var before = Written()
    for number in 0..<20 { try await Self.work(ground, number, &before) }
    let load = Task {
      var after = Written()
      var number = 1000
      while !Task.isCancelled {
        try await Self.work(ground, number, &after)
        number += 1
      }
    }
    let report = try await Backup.make(ground.folder, to: folder + ".tar")
    load.cancel()
    _ = await load.result
    #expect(report.files >= 42)
    let restored = try await Restore.make(from: folder + ".tar", to: DataFolder(target))
    #expect(restored.files == report.files)
    #expect(restored.bytes == report.bytes)
    var again = settings
    again.data = target
    let other = try await ServiceGround(again, logger: TestService.quiet)
    #expect(other.firstKey == nil)
    #expect(try await other.store.key(hash: APIKey.hash(of: secret)) != nil)
    #expect(try await other.store.integrityProblems() == [])
    let names = Set(try await other.store.projects().map(\.name))
    #expect(names.isSuperset(of: before.projects))
    for (id, text) in before.files {
      #expect(try String(contentsOfFile: other.folder.files + "/" + id, encoding: .utf8) == text)
    }
    for number in 0..<20 {
      #expect(
        FileManager.default.fileExists(atPath: other.folder.jobs + "/ftjob-\(number)/run/journal.jsonl"))
    }
    for file in try await other.store.allFiles() {
      #expect(FileManager.default.fileExists(atPath: other.folder.files + "/" + file.id))
    }
    let permissions = try FileManager.default.attributesOfItem(atPath: target + "/secret")[.posixPermissions]
    #expect(permissions as? Int == 0o600)
  }

  @Test(.timeLimit(.minutes(30)))
  func `restoring takes nothing that is damaged, and no place that is taken`() async throws {
    let folder = TestService.folder()
    let target = TestService.folder()
    let tar = folder + ".tar"
    defer { for path in [folder, target, tar] { try? FileManager.default.removeItem(atPath: path) } }
    do {
      let ground = try await ServiceGround(TestService.settings(folder), logger: TestService.quiet)
      var written = Written()
      try await Self.work(ground, 1, &written)
      _ = try await Backup.make(ground.folder, to: tar)
    }
    let bytes = try Data(contentsOf: URL(filePath: tar))
    await #expect(throws: ServiceFailure.self) { try await Restore.make(from: tar, to: DataFolder(folder)) }
    await #expect(throws: ServiceFailure.self) { try await Backup.make(DataFolder(folder), to: tar) }
    let place = try #require(bytes.range(of: Data("row 1\nrow 1\n".utf8))).lowerBound
    var changed = bytes
    changed[place] ^= 1
    let cut = bytes.prefix(bytes.count / 2)
    var foreign = bytes
    let name = try #require(bytes.range(of: Data("jobs/ftjob-1".utf8))).lowerBound
    foreign.replaceSubrange(name..<(name + 4), with: Data("../.".utf8))
    for damaged in [changed, Data(cut), foreign, Data(), Data(repeating: 1, count: 5000)] {
      try damaged.write(to: URL(filePath: tar))
      await #expect(throws: ServiceFailure.self) { try await Restore.make(from: tar, to: DataFolder(target)) }
      #expect(!FileManager.default.fileExists(atPath: target))
    }
    let beside = try FileManager.default.contentsOfDirectory(
      atPath: URL(filePath: target).deletingLastPathComponent().path)
    #expect(!beside.contains { $0.hasPrefix(URL(filePath: target).lastPathComponent + ".restoring") })
  }

  @Test(.timeLimit(.minutes(30)))
  func `a service from a copy knows nothing of the workers of the one that was copied`() async throws {
    let folder = TestService.folder()
    let target = TestService.folder()
    let tar = folder + ".tar"
    defer { for path in [folder, target, tar] { try? FileManager.default.removeItem(atPath: path) } }
    do {
      let ground = try await ServiceGround(TestService.settings(folder), logger: TestService.quiet)
      let project = try #require(try await ground.store.project(named: "default"))
      let job = Job(
        id: "j", projectID: project.id, shape: .openai, request: JSONColumn([:]), model: "m",
        trainingFile: nil, seed: 1)
      var work = JobWork(jobID: "j", order: [:])
      work.launch = JSONColumn(["id": "l", "host": "h", "boot": "b"])
      work.offset = 7
      _ = try await ground.store.accept(job, work: work, events: [])
      _ = try await Backup.make(ground.folder, to: tar)
      #expect(try await ground.store.work(of: "j")?.launch != nil)
    }
    _ = try await Restore.make(from: tar, to: DataFolder(target))
    // At its old place, too: it is another service all the same.
    try FileManager.default.removeItem(atPath: folder)
    _ = try await Restore.make(from: tar, to: DataFolder(folder))
    for path in [target, folder] {
      let work = try await Store(path: path + "/operant.sqlite").work(of: "j")
      #expect(work?.launch == nil && work?.offset == 7)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `a backup is restored into the folder of a volume`() async throws {
    let folder = TestService.folder()
    let target = TestService.folder()
    let tar = folder + ".tar"
    defer { for path in [folder, target, tar] { try? FileManager.default.removeItem(atPath: path) } }
    do {
      let ground = try await ServiceGround(TestService.settings(folder), logger: TestService.quiet)
      _ = try await Backup.make(ground.folder, to: tar)
    }
    let manager = FileManager.default
    try manager.createDirectory(atPath: target + "/lost+found", withIntermediateDirectories: true)
    func number() throws -> Int? { try manager.attributesOfItem(atPath: target)[.systemFileNumber] as? Int }
    let before = try number()
    _ = try await Restore.make(from: tar, to: DataFolder(target))
    #expect(try number() == before, "nothing can take the place of a volume")
    let names = try manager.contentsOfDirectory(atPath: target)
    #expect(names.contains("lost+found") && !names.contains { $0.hasPrefix(".") }, "\(names)")
    #expect(try await Store(path: target + "/operant.sqlite").project(named: "default") != nil)
  }

  @Test(.timeLimit(.minutes(30)))
  func `a run whose checkpoints come and go has a whole one in its copy`() async throws {
    let folder = TestService.folder()
    let target = TestService.folder()
    let tar = folder + ".tar"
    defer { for path in [folder, target, tar] { try? FileManager.default.removeItem(atPath: path) } }
    let ground = try await ServiceGround(TestService.settings(folder), logger: TestService.quiet)
    let checkpoints = ground.folder.jobs + "/j/run/r/checkpoints"
    try FileManager.default.createDirectory(atPath: checkpoints, withIntermediateDirectories: true)
    // It comes before the run in a list.
    try Data(count: 32 << 20).write(to: URL(filePath: ground.folder.jobs + "/j/held-out.jsonl"))
    @Sendable func name(_ step: Int) -> String { checkpoints + "/step-" + "\(1_000_000 + step)".dropFirst() }
    @Sendable func write(_ step: Int) throws {
      let hidden = checkpoints + "/.new-\(step)"
      try FileManager.default.createDirectory(atPath: hidden, withIntermediateDirectories: true)
      for file in ["manifest.json", "run.json", "trainer.safetensors"] {
        try Data("\(step)".utf8).write(to: URL(filePath: hidden + "/" + file))
      }
      rename(hidden, name(step))
    }
    try write(0)
    // Steps that the worker has made; nil once it has ended.
    let steps = Mutex<Int?>(0)
    let mayEnd = Mutex(false)
    // A thread of its own: copying takes one of the few that tasks have.
    Thread.detachNewThread {
      defer { steps.withLock { $0 = nil } }
      var step = 0
      while !mayEnd.withLock({ $0 }) {
        step += 1
        do {
          try write(step)
          // As a worker does it: out of sight first.
          let hidden = checkpoints + "/.deleted-\(step)"
          rename(name(step - 1), hidden)
          try FileManager.default.removeItem(atPath: hidden)
        } catch { Issue.record(error) }
        steps.withLock { $0 = step }
        usleep(2_000)
      }
    }
    while steps.withLock({ ($0 ?? 0) < 3 }) { try await Task.sleep(for: .milliseconds(5)) }
    let copying = await Task { try await Backup.make(ground.folder, to: tar) }.result
    mayEnd.withLock { $0 = true }
    while steps.withLock({ $0 != nil }) { try await Task.sleep(for: .milliseconds(5)) }
    _ = try copying.get()
    _ = try await Restore.make(from: tar, to: DataFolder(target))
    let copies = target + "/jobs/j/run/r/checkpoints"
    let whole = try FileManager.default.contentsOfDirectory(atPath: copies).filter { copy in
      !copy.hasPrefix(".")
        && (try? FileManager.default.contentsOfDirectory(atPath: copies + "/" + copy))?.count == 3
    }
    #expect(!whole.isEmpty)
  }

  @Test(.timeLimit(.minutes(30)))
  func `paths point to the folder that a backup was restored into`() async throws {
    let folder = TestService.folder()
    let target = TestService.folder()
    let tar = folder + ".tar"
    defer { for path in [folder, target, tar] { try? FileManager.default.removeItem(atPath: path) } }
    let ground = try await ServiceGround(TestService.settings(folder), logger: TestService.quiet)
    let project = try #require(try await ground.store.project(named: "default"))
    try await ground.store.insert(
      TunedModel(
        id: "ft:x", projectID: project.id, base: "m", jobID: nil, runFolder: folder + "/jobs/a/run", step: 1))
    _ = try await Backup.make(ground.folder, to: tar)
    _ = try await Restore.make(from: tar, to: DataFolder(target))
    let store = try Store(path: target + "/operant.sqlite")
    #expect(try await store.model("ft:x", projectID: project.id)?.runFolder == target + "/jobs/a/run")
  }
}
