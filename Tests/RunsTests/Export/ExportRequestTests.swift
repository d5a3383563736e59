import Checkpoints
import Foundation
import LanguageModels
import Records
import Testing
import Torch
import Training

@testable import Runs

/// From a run folder's checkpoint to files, as `operant export` asks for it.
struct ExportRequestTests {
  /// Keeps what is reported.
  final class Events: EventSink {
    private let lock = NSLock()
    private nonisolated(unsafe) var events: [WorkerEvent] = []
    func report(_ event: WorkerEvent) { lock.withLock { events.append(event) } }
    var all: [WorkerEvent] { lock.withLock { events } }
  }

  let folder: TemporaryExports
  let base: ExportedModel

  init() throws {
    folder = try TemporaryExports()
    base = try ExportedModel.random(.tiny(.qwen3), in: folder / "base")
  }

  func plan(_ method: TrainingMethod) -> Plan {
    var plan = ModelCard.sample().plan
    plan.model = ModelPlan(source: base.location.path, dtype: .bfloat16)
    plan.training.method = method
    plan.training.lora = LoRAPlan(rank: 2, alpha: 4, targets: [.q, .up])
    return plan
  }

  /// A run with a checkpoint of step 3, whose parameters moved by less than bfloat16 can tell.
  func run(_ plan: Plan) throws -> (folder: RunFolder, trainer: Trainer) {
    let trainer = try Trainer(
      base.loader.decoder(.bfloat16, positions: 8), plan: plan.training,
      loss: PolicyLoss(clipLow: 0.2, clipHigh: 0.2, kl: KLPlan()), temperature: 1, seed: 1,
      shards: Shards(count: 1))
    for parameter in trainer.parameters {
      let (shape, count) = (parameter.master.shape, parameter.master.count)
      try parameter.master.add(Tensor.floats([Float](repeating: 1.0001e-3, count: count), shape))
    }
    trainer.updates = 6
    let run = try RunFolder.create(plan, under: folder / "runs")
    try run.checkpoints.write(step: 3) { try trainer.save(to: $0) }
    return (run, trainer)
  }

  func export(_ run: RunFolder, _ format: ExportFormat, to name: String) async throws -> [WorkerEvent] {
    let events = Events()
    let request = ExportRequest(runFolder: run.path, step: nil, format: format, destination: folder / name)
    try await WorkerRequest.export(request).export(request, events)
    return events.all
  }

  @Test func `an adapter is written from its float32 masters`() async throws {
    let (run, trainer) = try run(plan(.lora))
    let events = try await export(run, .peft, to: "out")
    #expect(events.last == .exported(path: folder / "out", format: .peft))
    let file = try SafetensorsFile(path: folder / "out/adapter_model.safetensors")
    #expect(file.tensors.count == 2 * 2 * 2)
    let master = try #require(trainer.parameters.first { $0.name == "layers.1.gateUp.b" }).master
    let written = try file.tensor("base_model.model.model.layers.1.mlp.up_proj.lora_B.weight")
    #expect(file.withBytes(of: written) { Array($0.bindMemory(to: Float.self)) } == (try master.floats()))
    let card = String(decoding: try bytes(folder / "out/README.md"), as: UTF8.self)
    #expect(card.contains("| Steps | 3 of 40 |") && card.contains("the checkpoint of step 3"))
    #expect(card.contains("base_model: \"base\"") && !card.contains(folder.path))
  }

  @Test func `a fully trained model is written from its float32 masters`() async throws {
    let plan = plan(.full)
    let (run, trainer) = try run(plan)
    let opened = try OpenedModel(source: plan.model.source)
    let export = try ModelExport(trainer, of: opened, plan: plan, steps: 3, comparison: nil)
    try export.write(.merged, to: folder / "exact", dtype: .float32)
    let exact = try ModelLoader(huggingFace: folder / "exact").weights(.float32)
    for (written, parameter) in zip(exact.named, trainer.parameters) {
      #expect(written.name == parameter.name)
      #expect(try written.tensor.floats() == parameter.master.floats())
    }

    _ = try await self.export(run, .merged, to: "out")
    #expect(try json(folder / "out/config.json")["dtype"] == "bfloat16")
    let error = await #expect(throws: ExportError.self) { try await self.export(run, .peft, to: "adapter") }
    #expect(error == .noAdapter)
  }

  @Test func `the card has the run's comparison only if it is of this checkpoint`() async throws {
    let (run, _) = try run(plan(.lora))
    for (version, isShown) in [(6, true), (7, false)] {
      var comparison = Comparison.sample
      comparison.tuned.policyVersion = version
      try JSONEncoder().encode(comparison).write(to: URL(filePath: run.path + "/comparison.json"))
      _ = try await export(run, .merged, to: "out-\(version)")
      let card = String(decoding: try bytes(folder / "out-\(version)/README.md"), as: UTF8.self)
      #expect(card.contains("model-index:") == isShown)
    }
  }

  @Test func `a taken destination is told before anything is loaded`() async throws {
    let (run, _) = try run(plan(.lora))
    let events = Events()
    let request = ExportRequest(
      runFolder: run.path, step: nil, format: .merged, destination: folder / "base")
    await #expect(throws: StorageError.self) {
      try await WorkerRequest.export(request).export(request, events)
    }
    #expect(events.all.isEmpty)
  }
}
