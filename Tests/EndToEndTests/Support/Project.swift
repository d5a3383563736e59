import Checkpoints
import Foundation
import OperantTesting
import Records

/// A folder with a tiny model, rows, a grader and a plan; it goes with the object.
final class Project: Sendable {
  static let steps = 8
  /// The model is written once for all tests.
  private static let model = Result { try ParityFixture("tiny_model.py").folder.appending(path: "model") }

  /// Why these tests cannot run here, or nil when they can.
  static let missing: String? =
    ParityFixture.missing ?? (Operant.isBuilt ? nil : "operant and operant-worker are not built")

  let folder: String
  let operant: Operant

  init() throws {
    let temporary = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    folder = temporary.appending(path: "operant-end-to-end-\(UUID().uuidString)").path
    operant = Operant(folder: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      at: URL(filePath: folder + "/model"), withDestinationURL: try Self.model.get())
    try write(Self.rows(24, topic: "the sea").joined(separator: "\n"), to: "train.jsonl")
    try write(Self.rows(8, topic: "the wind").joined(separator: "\n"), to: "held-out.jsonl")
    try write(Self.plan, to: "plan.yaml")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func rows(_ count: Int, topic: String) -> [String] {
    (0..<count).map {
      #"{"id": "\#(topic) \#($0)", "messages": [{"role": "user", "content": "Say \#($0) things about \#(topic)."}]}"#
    }
  }

  /// Half or so of a random model's answers have two vowels.
  static let plan = """
    name: tiny
    seed: 11
    model: {source: model, dtype: bfloat16}
    data: {train: train.jsonl, held_out: held-out.jsonl}
    sampling: {prompts_per_step: 4, episodes_per_prompt: 4, max_tokens: 12}
    grader: {type: regex, name: vowels, pattern: "[aeiou].*[aeiou]"}
    algorithm: {kl: {coefficient: 0.01}}
    training: {steps: \(steps), learning_rate: 0.01, lora: {rank: 4, alpha: 8}, schedule: cosine, warmup_steps: 2}
    evaluation: {every: 2, prompts: 0, plateau: off}
    checkpoints: {every: 1, keep: 2}

    """

  /// A reward that depends on all of a run's past: binary until the pass rate has held, weights by step and by success.
  static let scheduledGrader = """
    grader:
      type: multi
      graders:
        vowels: {type: regex, pattern: "[aeiou].*[aeiou]"}
        brevity: {type: brevity, among: vowels, whole: {budget: {points: [[0, 12], [8, 4]]}}}
        digits: {type: regex, pattern: "[0-9]", held_out: true}
      weights: {vowels: {by: pass_rate, points: [[0, 1], [1, 2]], window: 2}, brevity: {points: [[0, 0.1], [8, 0.5]]}}
      binary_until: {pass_rate: 0.2, window: 2, part: vowels}
    """

  func write(_ text: String, to file: String) throws {
    try text.write(toFile: folder + "/" + file, atomically: true, encoding: .utf8)
  }

  /// The project's only run.
  func run() throws -> RunFolder {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/runs").filter {
      !$0.hasPrefix(".")
    }
    guard names.count == 1 else { throw Unexpected("expected one run, found \(names)") }
    return try RunFolder(opening: folder + "/runs/" + names[0])
  }
}

/// What a test's own arrangement did not find.
struct Unexpected: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
