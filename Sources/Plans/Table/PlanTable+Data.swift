import Records

extension PlanTable {
  static let general: [PlanField] = [
    PlanField(
      "name", .text, "Names the run; a run folder's name begins with it.",
      defaultNote: "the file's name, or its folder's name for `plan.yaml`",
      get: { .string($0.name) }, set: { if let text = $1.string { $0.name = text } }),
    PlanField(
      "seed", .integer(0...Int.max),
      "Seeds the sampler, the order of the data and the adapters: same seed, same run.",
      get: { .integer(Int(clamping: $0.seed)) },
      set: { if let value = $1.integer { $0.seed = UInt64(value) } }),
    PlanField(
      "exact", .flag,
      "Whether sampler and trainer give every token the same log-probability bit for bit. With `false` matrix products are libtorch's own, whose rounding depends on the batch: for processors with matrix units that only libtorch uses (AMX). On a CUDA device they are always libtorch's.",
      get: { .bool($0.exact) }, set: { if case .bool(let value) = $1 { $0.exact = value } }),
    PlanField(
      "unsafe_no_sandbox", .flag,
      "Run code that graders name or answers contain without a sandbox, as `--unsafe-no-sandbox` does.",
      get: { .bool($0.unsafeNoSandbox) },
      set: { if case .bool(let value) = $1 { $0.unsafeNoSandbox = value } }),
  ]

  static let model: [PlanField] = [
    PlanField(
      "model.source", .model, "A known model's name, a GGUF file, or a Hugging Face folder.",
      get: { .string($0.model.source) }, set: { if let text = $1.string { $0.model.source = text } }),
    PlanField(
      "model.adapter", .run,
      "A run, or one of its checkpoints, whose adapter training goes on from; of the same model. `training.lora` is that run's then, and `algorithm.kl` measures the distance from this start.",
      defaultNote: "none: a new adapter",
      get: { $0.model.adapter.map(JSONValue.string) }, set: { $0.model.adapter = $1.string }),
    .choice(
      "model.dtype", \.model.dtype,
      "Number format of weights and activations; sums are always taken in float32."),
    .choice(
      "model.device", \.model.device,
      "Where the model is computed: `auto` takes a CUDA device when the worker was built for CUDA and one is there, else the processor."
    ),
  ]

  static let data: [PlanField] = [
    PlanField(
      "data.train", .file, "A JSONL file of training rows; one of this and `data.generate` is required.",
      defaultNote: "none",
      get: { if case .file(let path) = $0.data.train { .string(path) } else { nil } },
      set: { if let path = $1.string { $0.data.train = .file(path) } }),
    PlanField(
      "data.generate.dataset", .choice(GeneratedDataset.allCases.map(\.rawValue)),
      "Which data set to write.", defaultNote: "required in `data.generate`",
      get: { generated($0).map { .string($0.dataset.rawValue) } },
      set: { plan, value in
        if let dataset = value.string.flatMap(GeneratedDataset.init(rawValue:)) {
          change(&plan) { $0.dataset = dataset }
        }
      }),
    PlanField(
      "data.generate.rows", .integer(1...1_000_000), "How many rows, held-out rows included.",
      defaultNote: "\(Generated.initial.rows)",
      get: { generated($0).map { .integer($0.rows) } },
      set: { plan, value in if let rows = value.integer { change(&plan) { $0.rows = rows } } }),
    PlanField(
      "data.generate.seed", .integer(0...Int.max), "Which rows.", defaultNote: "\(Generated.initial.seed)",
      get: { generated($0).map { .integer(Int(clamping: $0.seed)) } },
      set: { plan, value in if let seed = value.integer { change(&plan) { $0.seed = UInt64(seed) } } }),
    PlanField(
      "data.held_out", .file, "A JSONL file of held-out rows; without it a share of the rows is held out.",
      defaultNote: "none",
      get: { $0.data.heldOut.map(JSONValue.string) }, set: { $0.data.heldOut = $1.string }),
    .number(
      "data.held_out_share", \.data.heldOutShare, .belowOne,
      "Share of the rows that is held out, chosen by a hash of each prompt and the seed, so that the same rows are held out in every run."
    ).written { $0.data.heldOut == nil },
    PlanField(
      "data.system", .text, "A system message put in front of rows that have none.", defaultNote: "none",
      get: { $0.data.system.map(JSONValue.string) }, set: { $0.data.system = $1.string }),
  ]

  static let grader = PlanField(
    "grader", .grader,
    "The grader's definition, as in OpenAI's fine-tuning API, or the path of a `.json` or `.yaml` file that holds one.",
    defaultNote: "required",
    get: { $0.grader }, set: { $0.grader = $1 })

  private struct Generated {
    var dataset: GeneratedDataset
    var rows: Int
    var seed: UInt64
    static let initial = Generated(dataset: .supportReply, rows: 600, seed: 1)
  }

  private static func generated(_ plan: Plan) -> Generated? {
    guard case .generated(let dataset, let rows, let seed) = plan.data.train else { return nil }
    return Generated(dataset: dataset, rows: rows, seed: seed)
  }

  private static func change(_ plan: inout Plan, _ body: (inout Generated) -> Void) {
    var generated = generated(plan) ?? .initial
    body(&generated)
    plan.data.train = .generated(generated.dataset, rows: generated.rows, seed: generated.seed)
  }
}
