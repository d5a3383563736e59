import Foundation
import Graders
import Records
import Testing

/// A file with a reward function, in a folder of its own that goes with it.
struct RewardFile: Sendable {
  let folder: String
  let path: String

  /// Not in the temporary folder, which a sandbox has one of its own in place of. Emptied by the next run of the tests.
  private static let all = {
    let folder = packageFolder + "/.build/reward-tests"
    try? FileManager.default.removeItem(atPath: folder)
    return folder
  }()

  init(_ source: String, name: String = "rewards.py") throws {
    folder = "\(Self.all)/\(UUID().uuidString)"
    path = folder + "/" + name
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try source.write(toFile: path, atomically: true, encoding: .utf8)
  }

  /// A grader of the file; `fields` are more of the definition's.
  func grader(_ fields: JSONValue = [:]) throws -> any Grader {
    var definition = JSONObject([("type", "python_function"), ("file", .string(path))])
    for (key, value) in fields.object?.members ?? [] { definition[key] = value }
    return try GraderCompiler.compile(.object(definition), surroundings: pythonSurroundings)
  }
}

let packageFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

/// In the sandbox where this machine has one.
let pythonSurroundings: GraderSurroundings = {
  let hasBubblewrap = FileManager.default.isExecutableFile(atPath: "/usr/bin/bwrap")
  if !hasBubblewrap { print("Python rewards are tested without a sandbox: bubblewrap is not installed") }
  return GraderSurroundings(isolation: hasBubblewrap ? .sandboxed : .unsafe)
}()

/// Answers to one row.
func group(_ answers: [String], item: JSONValue = [:], step: Int = 0) -> [GradingSample] {
  answers.map { answer in
    var sample = GradingSample(
      outputText: answer, item: item.object ?? JSONObject(), exampleID: "row",
      messages: [Message(.user, "What is 1 + 1?")],
      moment: GradingMoment(step: step))
    sample.tokenIDs = answer.utf8.map { Int32($0) }
    return sample
  }
}

/// The environment with the frameworks themselves.
enum Frameworks {
  static let python = packageFolder + "/.venv-rewards"
  static let areThere = {
    let areThere = FileManager.default.fileExists(atPath: python + "/.complete")
    if !areThere { print("Rewards are not compared with their frameworks: run Scripts/setup.sh rewards") }
    return areThere
  }()
  static let users = packageFolder + "/Scripts/parity/rewards/users"

  /// A grader that sees the frameworks' packages.
  static func grader(_ definition: JSONValue) throws -> any Grader {
    var definition = definition.object ?? JSONObject()
    definition["python"] = .string(python)
    return try GraderCompiler.compile(.object(definition), surroundings: pythonSurroundings)
  }

  /// What `Scripts/parity/rewards/frameworks.py` says of the same request.
  static func theirs(_ command: String, _ request: JSONValue) throws -> [JSONValue] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python + "/bin/python")
    process.arguments = ["-B", packageFolder + "/Scripts/parity/rewards/frameworks.py", command]
    // As in the sandbox: some data sets of reasoning-gym draw from Python's sets.
    process.environment = ProcessInfo.processInfo.environment.merging(["PYTHONHASHSEED": "0"]) { $1 }
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(request.serialised().utf8))
    try input.fileHandleForWriting.close()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    let last = try #require(text.split(separator: "\n").last)
    let answer = try JSONValue(parsing: String(last))
    return try #require(answer.array)
  }

  /// A request for the other side: the definition, and what each sample is made of.
  static func request(
    _ definition: JSONValue, _ samples: [GradingSample], batch: Bool = false
  ) -> JSONValue {
    var definition = definition.object ?? JSONObject()
    if batch { definition["batch"] = true }
    return [
      "definition": .object(definition),
      "step": .integer(samples[0].moment.step),
      "samples": .array(
        samples.map { sample in
          [
            "text": .string(sample.outputText), "item": .object(sample.item),
            "messages": .array(sample.messages.map(\.json)),
            "token_ids": .array((sample.tokenIDs ?? []).map { .integer(Int($0)) }),
          ]
        }),
    ]
  }
}

extension Grade {
  /// What a test says of a grade in few words.
  var outcomeText: String {
    switch outcome {
    case .reward(let reward): "\(reward)"
    case .failed(let failure): failure.cause?.rawValue ?? failure.kind.rawValue
    }
  }
  /// Rewards of parts by name.
  var parts: [String: Double] { Dictionary(uniqueKeysWithValues: subRewards.map { ($0.name, $0.value) }) }
}
