import Foundation
import Records
import Service
import Store
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
