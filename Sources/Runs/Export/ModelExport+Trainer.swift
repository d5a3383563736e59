internal import Checkpoints
internal import LanguageModels
package import Records
internal import Torch
package import Training

extension ModelExport {
  /// An export of what a trainer has learnt: its float32 masters upon the base that it was given.
  package init(
    _ trainer: Trainer, of model: OpenedModel, plan: Plan, steps: Int, comparison: Comparison?
  ) throws {
    let masters = Dictionary(uniqueKeysWithValues: trainer.parameters.map { ($0.name, $0.master) })
    func master(_ name: String, _ compute: Tensor) throws(TorchError) -> Tensor {
      guard let master = masters[name] else {
        preconditionFailure("'\(name)' is no parameter of the trainer")
      }
      return master
    }
    let decoder = trainer.decoder
    self.init(
      configuration: decoder.configuration,
      weights: decoder.adapter == nil ? try decoder.weights.mapped(master) : decoder.weights,
      adapter: try decoder.adapter?.mapped(master), location: model.location, text: model.text,
      card: ModelCard(
        base: try BaseModel(model.location), plan: plan, steps: steps, comparison: comparison))
  }

  /// Writes in either form.
  package func write(_ format: ExportFormat, to destination: String, dtype: ComputeType) throws {
    switch format {
    case .peft: try peft(to: destination)
    case .merged: try merged(to: destination, dtype: dtype)
    }
  }
}

extension Learner {
  /// Writes what has been learnt for other tools; `step` is how many steps of the plan are done.
  func export(
    _ format: ExportFormat, to path: String, model: OpenedModel, plan: Plan, step: Int,
    comparison: Comparison?
  ) throws {
    try withTrainer { trainer in
      try ModelExport(trainer, of: model, plan: plan, steps: step, comparison: comparison)
        .write(format, to: path, dtype: plan.model.dtype)
    }
  }
}
