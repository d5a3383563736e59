internal import Torch

/// Where the layers of one decoding step put what they make.
///
/// Scratch has room for one layer, which the next one writes over. A record has room for all of them, one below the
/// other, of as many rows as several steps fill, and stays.
struct StepBuffers {
  /// Rows of a layer in a record; 0 in scratch.
  let rows: Int
  /// Of them, those that earlier steps have filled.
  var filled = 0
  private let results: [Tensor]
  private var asides: [Tensor]

  /// Scratch for up to `rows` rows; hidden states are written over in place.
  init(scratchFor rows: Int, hidden: Tensor, _ widths: LayerWidths, _ type: DType) throws(TorchError) {
    self.rows = 0
    let low = try Tensor.empty([rows * max(1, widths.asides.max() ?? 0)], type)
    let logSums = try Tensor.empty([rows, widths.heads], .float32)
    var results: [Tensor] = []
    for step in LayerStep.allCases {
      let addsToHidden = step == .output || step == .down
      results.append(addsToHidden ? hidden : try Tensor.empty([rows, widths.results[step.rawValue]], type))
    }
    self.results = results
    asides = LayerStep.allCases.map { $0 == .attention ? logSums : low }
  }

  /// A record of `rows` rows through `layers` layers.
  init(recordOf rows: Int, layers: Int, _ widths: LayerWidths, _ type: DType) throws(TorchError) {
    self.rows = rows
    var results: [Tensor] = []
    var asides: [Tensor] = []
    for step in LayerStep.allCases {
      results.append(try Tensor.empty([layers * rows, widths.results[step.rawValue]], type))
      asides.append(
        step == .attention
          ? try Tensor.empty([layers * rows, widths.heads], .float32)
          : try Tensor.empty([layers * rows, max(1, widths.asides[step.rawValue])], type))
    }
    self.results = results
    self.asides = asides
  }

  /// Makes room in scratch for so many elements of x a^T.
  mutating func makeRoom(low: Int, _ type: DType) throws(TorchError) {
    precondition(rows == 0, "a record's rows are as wide as they were made")
    guard asides[LayerStep.qkv.rawValue].count < low else { return }
    let tensor = try Tensor.empty([low], type)
    for step in LayerStep.allCases where step != .attention { asides[step.rawValue] = tensor }
  }

  func result(_ step: LayerStep, layer: Int) -> RowPlace {
    results[step.rawValue].place(layer * rows + filled)
  }
  func aside(_ step: LayerStep, layer: Int) -> RowPlace { asides[step.rawValue].place(layer * rows + filled) }
  /// The whole tensors, all layers one below the other.
  func tensors(_ step: LayerStep) -> (result: Tensor, aside: Tensor) {
    (results[step.rawValue], asides[step.rawValue])
  }
}

/// Elements of a token's row in each step of a layer.
struct LayerWidths {
  let results: [Int]
  /// Of x a^T; 0 where nothing is adapted.
  let asides: [Int]
  let heads: Int

  init(_ model: ModelConfiguration, linears: [LayerStep: Linear]) {
    let queries = model.heads * model.headSize
    results = LayerStep.allCases.map { step in
      switch step {
      case .qkv: queries + 2 * model.kvHeads * model.headSize
      case .attention: queries
      case .output, .down: model.hidden
      case .gateUp: 2 * model.intermediate
      }
    }
    asides = LayerStep.allCases.map { linears[$0]?.lowRank?.paddedRank ?? 0 }
    heads = model.heads
  }

  /// Bytes that a record keeps of one token in one layer.
  func bytes(_ type: DType) -> Int { (results.reduce(0, +) + asides.reduce(0, +)) * type.size + heads * 4 }
}
