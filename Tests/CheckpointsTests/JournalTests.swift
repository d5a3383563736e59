import Checkpoints
import Foundation
import Records
import Testing

struct `A journal` {
  let root: TemporaryFolder
  let folder: RunFolder
  let lock: RunLock

  init() throws {
    root = try TemporaryFolder()
    folder = try RunFolder.create(Samples.plan(), under: root.path)
    lock = try folder.lock()
  }

  private func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  private func record(_ steps: Range<Int>, in journal: Journal) async throws {
    for step in steps {
      try await journal.record(
        Samples.record(step, update: step != 1), timing: Samples.timing(step),
        groups: [Samples.group("\(step)")])
      try await journal.record(Samples.evaluation(step))
    }
  }

  @Test func `gives back what was recorded`() async throws {
    try await record(0..<3, in: Journal(folder, lock: lock, resumingAt: 0))
    #expect(try folder.journal().records == (0..<3).map { Samples.record($0, update: $0 != 1) })
    #expect(try folder.timing().records == (0..<3).map { Samples.timing($0) })
    #expect(try folder.evaluations().records == (0..<3).map { Samples.evaluation($0) })
    #expect(try folder.episodeSteps() == [0, 1, 2])
    #expect(try folder.episodes(step: 2).groups == [Samples.group("2")])
    let error = #expect(throws: StorageError.self) { try folder.episodes(step: 7) }
    #expect(error?.message.contains("archived are 0 to 2") == true)
  }

  @Test func `of a run resumed at any step equals that of the uninterrupted run`() async throws {
    try await record(0..<5, in: Journal(folder, lock: lock, resumingAt: 0))
    let expected = try [folder.journalPath, folder.timingPath, folder.evaluationsPath].map(bytes)
    for step in [4, 2, 5, 0] {
      let journal = try Journal(folder, lock: lock, resumingAt: step)
      #expect(journal.warnings.isEmpty)
      #expect(try folder.journal().records.map(\.step) == Array(0..<step))
      #expect(try folder.episodeSteps() == Array(0..<step))
      try await record(step..<5, in: journal)
      #expect(try [folder.journalPath, folder.timingPath, folder.evaluationsPath].map(bytes) == expected)
    }
  }

  @Test func `can keep the evaluation at the step it resumes at`() async throws {
    try await record(0..<3, in: Journal(folder, lock: lock, resumingAt: 0))
    _ = try Journal(folder, lock: lock, resumingAt: 1, evaluationStep: 2)
    #expect(try folder.evaluations().records.map(\.step) == [0, 1])
    #expect(try folder.journal().records.map(\.step) == [0])
  }

  @Test func `cut off at any byte loses only the line that was being written`() async throws {
    try await record(0..<3, in: Journal(folder, lock: lock, resumingAt: 0))
    let whole = try bytes(folder.journalPath)
    for length in 0...whole.count {
      unlink(folder.journalPath)
      try Data(whole[..<length]).write(to: URL(filePath: folder.journalPath))
      let complete = whole[..<length].count { $0 == 0x0A }
      let isHalf = length > 0 && whole[length - 1] != 0x0A
      let read = try folder.journal()
      #expect(read.records.map(\.step) == Array(0..<complete))
      #expect(read.warnings.count == (isHalf ? 1 : 0))
    }
    // Going on after a half line never joins two lines into one.
    try Data(whole.dropLast(5)).write(to: URL(filePath: folder.journalPath))
    let journal = try Journal(folder, lock: lock, resumingAt: 2)
    #expect(journal.warnings.contains { $0.contains("half") })
    try await record(2..<3, in: journal)
    #expect(try bytes(folder.journalPath) == whole)
  }

  @Test func `removes files that a killed worker had not finished, and no others`() async throws {
    try await record(0..<1, in: Journal(folder, lock: lock, resumingAt: 0))
    let leftovers = ["/status.json.tmp-17", "/episodes/step-000001.jsonl.gz.tmp-4"]
    for name in leftovers { try Data([1]).write(to: URL(filePath: folder.path + name)) }
    _ = try Journal(folder, lock: lock, resumingAt: 1)
    for name in leftovers { #expect(!FileManager.default.fileExists(atPath: folder.path + name)) }
    #expect(try folder.status().state == .created)
    #expect(try folder.episodeSteps() == [0])
  }

  @Test func `says when steps before the resumed one are missing`() async throws {
    try await record(0..<2, in: Journal(folder, lock: lock, resumingAt: 0))
    let journal = try Journal(folder, lock: lock, resumingAt: 4)
    #expect(
      journal.warnings.contains { $0.contains("goes on at step 4, and the journal has 2 steps before") })
  }

  @Test func `keeps numbers that JSON has no word for`() async throws {
    var record = Samples.record(0, reward: .nan)
    record.update?.mismatchMax = .infinity
    let journal = try Journal(folder, lock: lock, resumingAt: 0)
    try await journal.record(record, timing: Samples.timing(0), groups: [])
    let read = try #require(try folder.journal().records.first)
    #expect(read.reward.isNaN)
    #expect(read.update?.mismatchMax == .infinity)
  }

  @Test(.enabled(if: Reference.isInstalled, "run Scripts/setup.sh venv: tensorboard is the reference"))
  func `is read by TensorBoard without a step twice, resumed or not`() async throws {
    try await record(0..<4, in: Journal(folder, lock: lock, resumingAt: 0))
    let resumed = try Journal(folder, lock: lock, resumingAt: 2, evaluationStep: 3)
    for step in 2..<5 {
      try await resumed.record(Samples.record(step, reward: 0.75), timing: Samples.timing(step), groups: [])
    }
    let data = try Reference.run("read-tensorboard", folder.tensorBoardPath)
    let curves = try JSONDecoder().decode([String: [[Double]]].self, from: data)
    func curve(_ tag: String) -> [[Double]] { (curves[tag] ?? []).map { Array($0.prefix(2)) } }
    #expect(curve("reward") == [[0, 0.5], [1, 0.5], [2, 0.75], [3, 0.75], [4, 0.75]])
    #expect(curve("num_tokens") == [[0, 100], [1, 201], [2, 303], [3, 406], [4, 510]])
    #expect(curve("eval/reward") == [[0, 0.625], [1, 0.625], [2, 0.625]])
    #expect(curve("grad_norm").map { $0[0] } == [0, 2, 3, 4])
    let names =
      Samples.record(0).scalars.map(\.name) + Samples.timing(0).scalars.map(\.name)
      + Samples.evaluation(0).summary.scalars.map(\.name) + ["num_tokens"]
    #expect(Set(curves.keys) == Set(names))
    for (name, value) in Samples.record(0).scalars {
      #expect(curve(name).first == [0, Double(Float(value))])
    }
    let now = Date().timeIntervalSince1970
    #expect((curves["reward"] ?? []).allSatisfy { abs($0[2] - now) < 600 })
  }
}
