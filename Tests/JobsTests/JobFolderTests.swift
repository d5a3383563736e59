import Checkpoints
import Cluster
import Foundation
import Records
import Testing

@testable import Jobs

struct JobFolderTests {
  private let folder = JobFolder(
    "j", under: FileManager.default.temporaryDirectory.appending(path: "job-\(UUID().uuidString)").path)
  private let plan = Plan(name: "p", data: DataPlan(train: .file("/t")), grader: .null)

  @Test func `a run is made once, and what an attempt has left goes`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    #expect(try folder.run() == nil)
    try FileManager.default.createDirectory(
      atPath: folder.runRoot + "/.new-17/checkpoints", withIntermediateDirectories: true)
    let run = try folder.run(plan)
    #expect(try folder.run(plan) == run)
    #expect(try folder.run() == run)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.runRoot) == [run.name])
  }

  @Test func `nothing is taken away where nothing can be seen`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    // No folder, so that listing it fails for whatever user.
    try folder.make()
    try "precious".write(toFile: folder.runRoot, atomically: true, encoding: .utf8)
    #expect(throws: StorageError.self) { try folder.run(plan) }
    #expect(throws: StorageError.self) { try folder.run() }
    #expect(try String(contentsOfFile: folder.runRoot, encoding: .utf8) == "precious")
  }

  @Test func `events are read on where reading stopped, or from the end of a file that became shorter`()
    throws
  {
    try folder.make()
    defer { try? FileManager.default.removeItem(atPath: folder.path) }
    let path = folder.path + "/events.jsonl"
    func append(_ text: String) throws {
      var file = try OutputFile(appendingTo: path)
      try file.write(Array(text.utf8))
    }
    func texts(_ file: inout EventFile) -> [String] {
      file.next().map { String(decoding: $0, as: UTF8.self) }
    }
    var early = EventFile(path: path, offset: 0)
    #expect(texts(&early).isEmpty)
    try append("one\ntwo\nthr")
    #expect(texts(&early) == ["one", "two"])
    try append("ee\n")
    var late = EventFile(path: path, offset: early.offset)
    #expect(texts(&late) == ["three"])
    var lost = EventFile(path: path, offset: 1000)
    #expect(texts(&lost).isEmpty && lost.offset == late.offset)
    try append("four\n")
    #expect(texts(&lost) == ["four"])
  }
}
