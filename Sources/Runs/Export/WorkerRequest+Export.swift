internal import Checkpoints
internal import Foundation
internal import LanguageModels
internal import Records
internal import Torch
internal import Training

extension WorkerRequest {
  /// Writes the model of a run's checkpoint for other tools.
  func export(_ request: ExportRequest, _ sink: any EventSink) async throws {
    try ExportFolder.checkIsFree(request.destination)
    let run = try RunFolder(opening: request.runFolder)
    let plan = try run.plan()
    guard request.format == .merged || plan.training.method == .lora else { throw ExportError.noAdapter }
    let checkpoint = try run.checkpoint(request.step)

    sink.report(.phase(.loading, detail: "model \(plan.model.source)"))
    useOneThreadPerOperation()
    let opened = try OpenedModel(source: plan.model.source)
    // Nothing is computed with it but sums of weights: one position is enough.
    let trainer = try Trainer(
      opened.loader.decoder(plan.model.dtype.tensorType, positions: 1), plan: plan.training,
      loss: PolicyLoss(clipLow: 0, clipHigh: 0, kl: KLPlan()), temperature: 1, seed: plan.seed,
      shards: Shards(count: 1))
    try trainer.restore(from: checkpoint)

    sink.report(.phase(.exporting, detail: "the model of step \(checkpoint.step)"))
    let export = try ModelExport(
      trainer, of: opened, plan: plan, steps: checkpoint.step,
      comparison: run.comparison(ofVersion: trainer.updates))
    try export.write(request.format, to: request.destination, dtype: plan.model.dtype)
    sink.report(.exported(path: request.destination, format: request.format))
  }
}

extension RunFolder {
  /// The comparison that the run ended with, if it is of the policy after this many updates.
  fileprivate func comparison(ofVersion version: Int) throws -> Comparison? {
    guard let data = FileManager.default.contents(atPath: path + "/comparison.json") else { return nil }
    let comparison = try WorkerLine.decode(Comparison.self, from: data)
    return comparison.tuned.policyVersion == version ? comparison : nil
  }
}
