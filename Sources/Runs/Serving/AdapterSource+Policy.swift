internal import Checkpoints
internal import LanguageModels
internal import Records
internal import Torch
internal import Training

extension AdapterSource {
  /// The policy that it holds, and how many updates made it. Throws when the source has no adapter for this base.
  func policy(_ name: PolicyName, beside base: ServedBase) throws -> (policy: ServedPolicy, updates: Int) {
    switch self {
    case .run(let folder, let step):
      let run = try RunFolder(opening: folder)
      let plan = try run.plan()
      guard plan.training.method == .lora else {
        throw WorkerFailure(
          .usage,
          "the run \(folder) trains all weights, so it has no adapter to put beside the base; export it, and "
            + "serve the export as a model")
      }
      let (adapter, updates) = try LowRankAdapter.read(
        plan.training.lora, from: run.checkpoint(step), configuration: base.decoder.configuration,
        dtype: base.decoder.dtype)
      return (ServedPolicy(name, adapter: try ServedAdapter(adapter, beside: base.decoder)), updates)
    }
  }
}
