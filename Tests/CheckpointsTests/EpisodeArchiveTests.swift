import Checkpoints
import Foundation
import Records
import Testing

struct `An episode archive` {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: [0, 1, 40])
  func `gives back the groups it was given`(count: Int) throws {
    let groups = (0..<count).map { Samples.group("example-\($0)", answers: $0 % 3) }
    let path = folder.path + "/step-000001.jsonl.gz"
    try EpisodeArchive.write(groups, to: path)
    let read = try EpisodeArchive.groups(in: path)
    #expect(read.damage == nil)
    #expect(read.groups == groups)
  }

  @Test func `of equal groups is equal bytes`() throws {
    let groups = (0..<5).map { Samples.group("\($0)") }
    try EpisodeArchive.write(groups, to: folder.path + "/a")
    try EpisodeArchive.write(groups, to: folder.path + "/b")
    #expect(try folder.bytes("a") == folder.bytes("b"))
  }

  @Test func `cut off anywhere gives what is before the cut and says so`() throws {
    let groups = (0..<30).map { Samples.group("example-\($0)") }
    try EpisodeArchive.write(groups, to: folder.path + "/whole")
    let whole = try folder.bytes("whole")
    var previous = 0
    for length in stride(from: 0, to: whole.count, by: 7) {
      let path = try folder.write(Array(whole[..<length]), to: "cut")
      let read = try EpisodeArchive.groups(in: path)
      #expect(read.damage != nil, "\(length) of \(whole.count) bytes")
      #expect(read.groups == Array(groups.prefix(read.groups.count)))
      #expect(read.groups.count >= previous)
      previous = read.groups.count
    }
  }

  @Test func `with flipped bytes says that it is damaged`() throws {
    let groups = (0..<30).map { Samples.group("example-\($0)") }
    try EpisodeArchive.write(groups, to: folder.path + "/whole")
    let whole = try folder.bytes("whole")
    var random = SplitMix64(seed: 1)
    for _ in 0..<300 {
      var bytes = whole
      // The first 10 bytes are the frame's header, where time and system do not matter.
      bytes[Int.random(in: 10..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      let read = try EpisodeArchive.groups(in: folder.write(bytes, to: "flipped"))
      #expect(read.damage != nil)
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/bin/zcat"), "needs zcat"))
  func `is read by zcat`() throws {
    let path = folder.path + "/step-000001.jsonl.gz"
    try EpisodeArchive.write([Samples.group("one"), Samples.group("two")], to: path)
    let process = Process()
    process.executableURL = URL(filePath: "/bin/zcat")
    process.arguments = [path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let lines = text.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(try JSONValue(parsing: String(lines[1]))["example"]?["id"] == "two")
  }
}
