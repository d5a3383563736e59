import Foundation
import Records
import Testing

@testable import Datasets

@Suite struct DatasetSplitTests {
  static let examples = (0..<4000).map { Example(id: "\($0)", messages: [Message(.user, "question \($0)")]) }

  @Test(arguments: [0.0, 0.05, 0.2, 0.5])
  func `the share holds on average`(share: Double) {
    let (train, heldOut) = DatasetSplit(share: share, seed: 1).parts(of: Self.examples)
    #expect(train.count + heldOut.count == 4000)
    // Four standard deviations of a binomial count.
    #expect(abs(Double(heldOut.count) - 4000 * share) <= 4 * (4000 * share * (1 - share)).squareRoot())
  }

  @Test func `adding, removing and reordering rows moves no other row`() {
    let split = DatasetSplit(share: 0.2, seed: 7)
    let held = Set(split.parts(of: Self.examples).heldOut.map(\.id))
    let other = split.parts(
      of: Array(Self.examples.reversed().dropFirst(1000)) + [
        Example(id: "new", messages: [Message(.user, "new")])
      ])
    for example in other.heldOut where example.id != "new" { #expect(held.contains(example.id)) }
    for example in other.train { #expect(!held.contains(example.id)) }
  }

  @Test func `equal prompts stay together, whatever their id, columns or layout`() {
    let split = DatasetSplit(share: 0.5, seed: 3)
    for index in 0..<200 {
      let one = Example(id: "a\(index)", messages: [Message(.user, "same \(index)")])
      let two = Example(
        id: "b\(index)", messages: [Message(role: .user, content: [.text("same "), .text("\(index)")])],
        item: JSONObject([("answer", 1)]))
      #expect(split.isHeldOut(one) == split.isHeldOut(two))
    }
  }

  @Test func `another seed is another split`() {
    let a = DatasetSplit(share: 0.2, seed: 1).parts(of: Self.examples).heldOut.map(\.id)
    let b = DatasetSplit(share: 0.2, seed: 2).parts(of: Self.examples).heldOut.map(\.id)
    #expect(Set(a).intersection(b).count < a.count / 2)
  }

  @Test func `the split is the same on every machine`() {
    // Written down once: a change here would part the rows of resumed runs anew.
    let held = DatasetSplit(share: 0.25, seed: 42).parts(of: Array(Self.examples.prefix(20))).heldOut.map(
      \.id)
    #expect(held == Self.expected)
  }
  static let expected = ["1", "11", "14", "19"]
}

@Suite struct DatasetOrderTests {
  private func order(_ rows: Int, seed: UInt64 = 1) -> DatasetOrder {
    DatasetOrder((0..<rows).map { Example(id: "\($0)", messages: [Message(.user, "\($0)")]) }, seed: seed)
  }

  @Test func `a step's rows depend on seed and step alone`() {
    let forward = (0..<40).map { order(50).batch(at: $0, size: 8).map(\.id) }
    let one = order(50)
    for step in (0..<40).reversed() { #expect(one.batch(at: step, size: 8).map(\.id) == forward[step]) }
    #expect(order(50, seed: 2).batch(at: 0, size: 8).map(\.id) != forward[0])
  }

  @Test(arguments: [(50, 8), (8, 8), (9, 8), (1, 1), (100, 10), (7, 3)])
  func `no step takes a row twice, and an epoch takes none twice`(rows: Int, size: Int) {
    let order = order(rows)
    let perEpoch = rows / size
    for epoch in 0..<20 {
      let taken = (0..<perEpoch).flatMap { order.batch(at: epoch * perEpoch + $0, size: size).map(\.id) }
      #expect(Set(taken).count == perEpoch * size)
      #expect(order.epoch(at: epoch * perEpoch, size: size) == epoch)
    }
  }

  @Test func `over many epochs every row is taken about as often`() {
    let order = order(50)
    var counts: [String: Int] = [:]
    for step in 0..<3000 {
      for example in order.batch(at: step, size: 8) { counts[example.id, default: 0] += 1 }
    }
    #expect(counts.count == 50)
    // 500 epochs of 48 rows out of 50: 480 on average, standard deviation about 4.4.
    #expect(counts.values.allSatisfy { abs($0 - 480) < 22 })
  }

  @Test func `a batch larger than the set is said before the run`() {
    #expect(DatasetOrder.problem(rows: 8, size: 8) == nil)
    #expect(
      DatasetOrder.problem(rows: 5, size: 8, file: "d.jsonl")?.description
        == "d.jsonl: error: sampling.prompts_per_step: a step takes 8 prompts, but there are only 5 training rows; lower it to 5 or add rows"
    )
  }
}

@Suite struct RunDataTests {
  private func write(_ text: String) throws -> String {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(
      "operant-\(UUID().uuidString).jsonl")
    try text.write(to: url, atomically: true, encoding: .utf8)
    return url.path
  }

  @Test func `generated rows are parted and get the system message`() throws {
    let plan = DataPlan(
      train: .generated(.arithmetic, rows: 200, seed: 1), heldOutShare: 0.2, system: "Be brief.")
    let data = try RunData(plan, seed: 5, promptsPerStep: 8)
    #expect(data.train.count + data.heldOut.count == 200)
    #expect(
      Set(data.train.map { $0.messages[1].text }).isDisjoint(with: data.heldOut.map { $0.messages[1].text }))
    #expect(
      (data.train + data.heldOut).allSatisfy {
        $0.messages.map(\.role) == [.system, .user] && $0.messages[0].text == "Be brief."
      })
    #expect(data.warnings.isEmpty)
    #expect(try RunData(plan, seed: 5, promptsPerStep: 8) == data)
  }

  @Test func `a file of its own for held-out rows is read, compared and leaves the training rows whole`()
    throws
  {
    let train = try write(
      (0..<9).map { #"{"messages": [{"role": "user", "content": "q\#($0)"}]}"# }.joined(separator: "\n"))
    let held = try write(
      #"{"messages": [{"role": "system", "content": "own"}, {"role": "user", "content": "x"}]}"# + "\n"
        + #"{"messages": [{"role": "user", "content": "q3"}]}"#)
    defer { for file in [train, held] { try? FileManager.default.removeItem(atPath: file) } }
    let data = try RunData(
      DataPlan(train: .file(train), heldOut: held, system: "S"), seed: 0, promptsPerStep: 9)
    #expect(data.train.count == 9 && data.heldOut.count == 2)
    #expect(data.heldOut[0].messages[0].text == "own")
    #expect(
      data.warnings.map(\.message) == [
        "1 held-out row has a prompt that is also trained on; the measured gain will look better than it is: remove them from one of the files"
      ])
  }

  @Test func `problems of both files come together, and sizes are checked when the rows are good`() throws {
    let bad = try write("bad")
    let small = try write(#"{"messages": [{"role": "user", "content": "q"}]}"#)
    defer { for file in [bad, small] { try? FileManager.default.removeItem(atPath: file) } }
    let both = #expect(throws: InvalidInput.self) {
      try RunData(DataPlan(train: .file(bad), heldOut: "/nowhere.jsonl"), seed: 0, promptsPerStep: 8)
    }
    #expect(both?.diagnostics.map(\.file) == [bad, "/nowhere.jsonl"])
    let sizes = #expect(throws: InvalidInput.self) {
      try RunData(DataPlan(train: .file(small), heldOutShare: 0.0001), seed: 0, promptsPerStep: 8)
    }
    #expect(
      sizes?.diagnostics.map(\.message) == [
        "a step takes 8 prompts, but there are only 1 training rows; lower it to 1 or add rows",
        "a held-out share of 0.0001 of 1 rows leaves no row held out; raise it, add rows, or name a file as held_out",
      ])
  }
}
