import Checkpoints
import Foundation
import Testing

struct `A checkpoint store` {
  let folder: TemporaryFolder
  let store: CheckpointStore
  struct State: Codable, Equatable {
    var seed: UInt64
    var position: [Int]
  }

  init() throws {
    folder = try TemporaryFolder()
    store = CheckpointStore(path: folder.path + "/checkpoints")
  }

  @discardableResult
  private func write(_ step: Int, seed: UInt64 = 1) throws -> Checkpoint {
    try store.write(step: step) { writer in
      try writer.file("adapter.safetensors") { path in
        try SafetensorsWriter.write([SafetensorsEntry(name: "a", type: .uint8, shape: [4])], to: path) {
          _, emit in
          try [UInt8(truncatingIfNeeded: step), 2, 3, 4].withUnsafeBytes { try emit($0) }
        }
      }
      try writer.json("state.json", State(seed: .max - seed, position: [step]))
      try writer.data("generator.bin", [9, 8, 7])
    }
  }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: store.path).sorted() }
  }

  private func overwrite(_ path: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test func `gives back the newest with all its files`() throws {
    #expect(try store.newest().checkpoint == nil)
    for step in [5, 12, 1_000_000, 7] { try write(step) }
    #expect(try store.steps() == [5, 7, 12, 1_000_000])
    let checkpoint = try #require(try store.newest().checkpoint)
    #expect(checkpoint.step == 1_000_000)
    #expect(checkpoint.manifest.files.map(\.name) == ["adapter.safetensors", "generator.bin", "state.json"])
    #expect(try checkpoint.data("generator.bin") == [9, 8, 7])
    #expect(try checkpoint.json("state.json", as: State.self) == State(seed: .max - 1, position: [1_000_000]))
    let weights = try SafetensorsFile(path: checkpoint.file("adapter.safetensors"))
    #expect(weights.withBytes(of: try weights.tensor("a")) { Array($0) } == [64, 2, 3, 4])
    let error = #expect(throws: StorageError.self) { try checkpoint.file("optimiser.bin") }
    #expect(error?.message.contains("it has adapter.safetensors, generator.bin, state.json") == true)
    let step = #expect(throws: StorageError.self) { try store.checkpoint(step: 6) }
    #expect(step?.message.contains("there are those of 5, 7, 12, 1000000") == true)
  }

  @Test func `of equal content has equal manifests`() throws {
    let first = try write(3)
    let second = try write(3)
    #expect(first.manifest == second.manifest)
    let third = try write(3, seed: 2)
    #expect(first.manifest != third.manifest)
    #expect(try names == ["step-000003"])
  }

  @Test func `passes over a newest one that is broken, in whatever way`() throws {
    try write(1)
    let file = store.path + "/step-000002/state.json"
    let damages: [(String, () throws -> Void)] = [
      ("bytes; ", { try self.overwrite(file, [1]) }),
      (
        "checksum",
        {
          var bytes = [UInt8](try Data(contentsOf: URL(filePath: file)))
          bytes[0] ^= 1
          try self.overwrite(file, bytes)
        }
      ),
      ("No such file", { try FileManager.default.removeItem(atPath: file) }),
      (
        "no such file",
        { try FileManager.default.removeItem(atPath: store.path + "/step-000002/manifest.json") }
      ),
      ("not valid JSON", { try self.overwrite(store.path + "/step-000002/manifest.json", [0x7B]) }),
    ]
    for (words, damage) in damages {
      try? FileManager.default.removeItem(atPath: store.path + "/step-000002")
      try write(2)
      #expect(try store.newest().checkpoint?.step == 2)
      try damage()
      let (checkpoint, warnings) = try store.newest()
      #expect(checkpoint?.step == 1)
      #expect(warnings.count == 1 && warnings[0].contains(words), "\(warnings)")
    }
  }

  @Test func `that fails to write leaves nothing behind`() throws {
    struct Stop: Error {}
    try write(1)
    #expect(throws: Stop.self) {
      try store.write(step: 2) { writer in
        try writer.data("a", [1])
        throw Stop()
      }
    }
    #expect(try names == ["step-000001"])
  }

  /// Each state of the folder that a kill between two system calls can leave.
  @Test func `killed at any point is a whole checkpoint or none after recovery`() throws {
    try write(1)
    try write(2)
    let files = FileManager.default
    let before = store.path + "/step-000002"

    // While writing step 3: some files, no manifest; and the whole but for the name.
    try files.createDirectory(atPath: store.path + "/.tmp-step-000003.1", withIntermediateDirectories: true)
    try overwrite(store.path + "/.tmp-step-000003.1/a", [1])
    try files.copyItem(atPath: before, toPath: store.path + "/.tmp-step-000003.2")
    #expect(try store.newest().checkpoint?.step == 2)
    try store.removeLeftovers()
    #expect(try names == ["step-000001", "step-000002"])

    // While deleting: renamed, and half emptied.
    try files.moveItem(atPath: store.path + "/step-000001", toPath: store.path + "/.deleted-step-000001.4")
    try files.removeItem(atPath: store.path + "/.deleted-step-000001.4/state.json")
    try store.removeLeftovers()
    #expect(try names == ["step-000002"])

    // While replacing step 2: put aside and the new one not yet there; then there, and the old one still aside.
    try files.moveItem(atPath: before, toPath: store.path + "/.replaced-step-000002.5")
    try store.removeLeftovers()
    #expect(try names == ["step-000002"])
    #expect(try store.newest().checkpoint?.step == 2)
    try files.copyItem(atPath: before, toPath: store.path + "/.replaced-step-000002.6")
    try store.removeLeftovers()
    #expect(try names == ["step-000002"])
  }

  private static let retention: [(Int, [Int], [Int])] = [
    (2, [], [30, 40]), (1, [10], [10, 40]), (0, [20], [20]), (9, [], [10, 20, 30, 40]),
    (2, [40, 99], [30, 40]),
  ]

  @Test(arguments: retention)
  func `keeps the newest and the protected steps`(count: Int, protected: [Int], kept: [Int]) throws {
    for step in [10, 20, 30, 40] { try write(step) }
    let deleted = try store.prune(keepingNewest: count, protecting: Set(protected))
    #expect(try store.steps() == kept)
    #expect(Set(deleted) == Set([10, 20, 30, 40]).subtracting(kept))
    #expect(try names.count == kept.count)
  }
}
