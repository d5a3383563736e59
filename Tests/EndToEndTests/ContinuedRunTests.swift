import Checkpoints
import Foundation
import Records
import Testing

/// Training that goes on from the adapter of an earlier run.
@Suite(
  .enabled(if: Project.missing == nil, "\(Project.missing ?? "")"), .serialized, .timeLimit(.minutes(30)))
struct ContinuedRunTests {
  private static let further = """
    name: further
    seed: 11
    model: {source: model, dtype: float32, adapter: runs/NAME}
    data: {train: train.jsonl, held_out: held-out.jsonl}
    sampling: {prompts_per_step: 4, episodes_per_prompt: 4, max_tokens: 12}
    grader: {type: regex, name: vowels, pattern: "[aeiou].*[aeiou]"}
    algorithm: {kl: {coefficient: 0.01}}
    training: {steps: 3, learning_rate: 1.0e-12}
    evaluation: {every: 0, prompts: 0, plateau: off}
    checkpoints: {every: 1, keep: 2}

    """

  @Test func `a run goes on from another's adapter, and needs that run no longer`() async throws {
    let project = try Project()
    let first = try await project.operant.run("train", "plan.yaml", "--json")
    #expect(first.code == 0, "\(first.error)")
    let source = try project.run()
    let name = (source.path as NSString).lastPathComponent
    try project.write(Self.further.replacing("NAME", with: name), to: "further.yaml")
    let second = try await project.operant.run(
      "train", "further.yaml", "--json", "--runs", "more")
    #expect(second.code == 0, "\(second.error)")
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: project.folder + "/more").filter {
        !$0.hasPrefix(".")
      }.map { try RunFolder(opening: project.folder + "/more/" + $0) }.first)
    let plan = try run.plan()
    #expect(plan.training.lora == (try source.plan()).training.lora)
    let started = try run.startingCheckpoint()
    #expect(started.step == Project.steps)
    let last = try source.checkpoints.checkpoint(step: Project.steps)
    #expect(try started.data("trainer.safetensors") == last.data("trainer.safetensors"))

    // The first update is of the policy that the other run ended with: no distance to it, and as exact as ever.
    let records = try run.journal().records
    let update = try #require(records.compactMap(\.update).first)
    #expect(abs(try #require(update.kl)) < 1e-6)
    #expect(update.mismatchMean < 2e-2)
    // At such a rate nothing moves, so that where it began is where it ends; the other run had moved far.
    let ends = try run.checkpoints.checkpoint(step: 3)
    let moved = try Self.distance(ends, last)
    #expect(moved.mine < 1e-9 && moved.theirs > 1, "\(moved)")

    #expect(second.output.contains(#""isOfStart":true"#))
    let card = try String(contentsOfFile: run.exportsPath + "/peft/README.md", encoding: .utf8)
    #expect(card.contains("| Held-out mean | Start | Tuned | Change |"))
    #expect(card.contains("Goes on from") && card.contains(name))

    // Repeated after the first run has gone: from the copy.
    try FileManager.default.removeItem(atPath: source.path)
    for name in try run.checkpoints.steps() { try run.checkpoints.delete(step: name) }
    let again = try await project.operant.run(
      "train", "--resume", run.path, "--json", "--set", "limits.mismatch=0.5")
    #expect(again.code == 0, "\(again.error)")
    #expect(try run.journal().records.map(\.reward) == records.map(\.reward))
    #expect(try run.checkpoints.newest().checkpoint?.step == 3)
  }

  /// How far two checkpoints' B are apart, and how far from zero, where every run of its own begins, the second's are.
  private static func distance(_ a: Checkpoint, _ b: Checkpoint) throws -> (mine: Float, theirs: Float) {
    let files = try [a, b].map { try SafetensorsFile(path: $0.file("trainer.safetensors")) }
    var (mine, theirs) = (Float(0), Float(0))
    for name in files[1].tensors.keys where name.hasSuffix(".b") {
      let values = try files.map { file in
        file.withBytes(of: try file.tensor(name)) { Array($0.bindMemory(to: Float.self)) }
      }
      for (x, y) in zip(values[0], values[1]) {
        mine = max(mine, abs(x - y))
        theirs += abs(y)
      }
    }
    return (mine, theirs)
  }

  @Test func `what cannot be gone on from is said before anything starts`() async throws {
    let project = try Project()
    let first = try await project.operant.run("train", "plan.yaml", "--json", "--set", "training.steps=3")
    #expect(first.code == 0, "\(first.error)")
    let name = (try project.run().path as NSString).lastPathComponent
    try project.write(Self.further.replacing("NAME", with: name), to: "further.yaml")
    for (options, sentence) in [
      (["model.adapter=runs/none"], "there is no folder at"),
      (["model.adapter=train.jsonl"], "expected the path of a run folder or of a checkpoint inside one"),
      (["model.adapter=."], "the folder has no plan.json"),
      (["model.adapter=runs/\(name)/checkpoints/step-000099"], "there is no folder at"),
      (["training.lora.rank=8"], "8 was given, and the adapter that training goes on from has 4"),
      (["training.method=full"], "method is 'full'"),
    ] {
      let refused = try await project.operant.run(
        ["train", "further.yaml", "--dry-run"] + options.flatMap { ["--set", $0] })
      #expect(refused.code == 2, "\(options)")
      #expect(refused.error.contains(sentence), "\(options): \(refused.error)")
    }
    // One of its checkpoints by name, and the same shape said again, are fine.
    let fine = try await project.operant.run(
      "train", "further.yaml", "--dry-run", "--set", "model.adapter=runs/\(name)/checkpoints/step-000002",
      "--set", "training.lora.rank=4")
    #expect(fine.code == 0, "\(fine.error)")
    #expect(fine.output.contains("adapter:"))
    // The same model by another path is the same model.
    try FileManager.default.createSymbolicLink(
      atPath: project.folder + "/other", withDestinationPath: project.folder + "/model")
    let same = try await project.operant.run(
      "train", "further.yaml", "--dry-run", "--set", "model.source=other")
    #expect(same.code == 0, "\(same.error)")
    // What training would begin with is not the base.
    let start = try await project.operant.run("eval", "--plan", "further.yaml")
    let base = try await project.operant.run("eval", "--plan", "further.yaml", "--model", "model")
    #expect(start.code == 0 && base.code == 0, "\(start.error)\(base.error)")
    #expect(start.output.contains("policy version 3"), "\(start.output)")
    #expect(base.output.contains("policy version 0"), "\(base.output)")
  }
}
