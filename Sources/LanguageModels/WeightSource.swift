internal import Checkpoints
internal import Torch

/// Where weights are read from: a GGUF file or a Hugging Face folder, converted to the compute type on the way.
protocol WeightSource: Sendable {
  /// The file, for errors.
  var path: String { get }
  /// The tensor's shape, outermost first, or nil when there is none.
  func shape(of name: WeightName) -> [Int]?
  /// The name that the file has for a weight.
  func fileName(of name: WeightName) -> String
  /// Converts a weight into memory of its own size.
  func read(_ name: WeightName, into memory: WeightMemory, model: ModelConfiguration) throws(ModelFileError)
}

/// Memory that a weight is converted into, in the compute type.
enum WeightMemory {
  case float32(UnsafeMutableBufferPointer<Float>)
  case bfloat16(UnsafeMutableBufferPointer<UInt16>)

  init(_ bytes: UnsafeMutableRawBufferPointer, _ dtype: DType) {
    switch dtype {
    case .float32: self = .float32(bytes.bindMemory(to: Float.self))
    case .bfloat16: self = .bfloat16(bytes.bindMemory(to: UInt16.self))
    case .int64: preconditionFailure("weights are floating-point")
    }
  }

  func fill(_ type: GGMLType, from bytes: UnsafeRawBufferPointer) {
    switch self {
    case .float32(let output): type.dequantise(bytes, into: output)
    case .bfloat16(let output): type.dequantise(bytes, into: output)
    }
  }

  /// Puts the rows of a matrix whose heads' halves are interleaved back into half-split order.
  func separateHalves(headSize: Int, columns: Int) {
    switch self {
    case .float32(let output): Self.separate(output, headSize: headSize, columns: columns)
    case .bfloat16(let output): Self.separate(output, headSize: headSize, columns: columns)
    }
  }

  private static func separate<Element>(
    _ memory: UnsafeMutableBufferPointer<Element>, headSize: Int, columns: Int
  ) {
    let head = headSize * columns
    var copy: [Element] = []
    for start in stride(from: 0, to: memory.count, by: head) {
      copy = Array(memory[start..<start + head])
      for pair in 0..<headSize / 2 {
        for half in 0..<2 {
          let from = (2 * pair + half) * columns
          let to = start + (half * headSize / 2 + pair) * columns
          for column in 0..<columns { memory[to + column] = copy[from + column] }
        }
      }
    }
  }
}

extension WeightSource {
  /// The tensor of a weight, its shape checked; several weights of one width are stacked.
  func tensor(_ names: [WeightName], _ model: ModelConfiguration, _ dtype: DType) throws -> Tensor {
    let shapes = names.map { $0.shape(in: model) }
    for (name, expected) in zip(names, shapes) {
      guard let found = shape(of: name) else {
        throw ModelFileError(
          .missing, file: path, part: fileName(of: name),
          "the tensor is missing; a \(model.architecture.rawValue) model needs it with shape \(expected)")
      }
      guard found == expected else {
        throw ModelFileError(
          .malformed, file: path, part: fileName(of: name), "the shape is \(found); expected \(expected)")
      }
    }
    var shape = shapes[0]
    shape[0] = shapes.reduce(0) { $0 + $1[0] }
    let tensor = try Tensor.empty(shape, dtype)
    for (index, name) in names.enumerated() {
      let start = shapes[..<index].reduce(0) { $0 + $1[0] }
      let rows = try tensor.rows(start..<start + shapes[index][0])
      let outcome: Result<Void, ModelFileError> = try rows.withBytes { bytes throws(TorchError) in
        Result { () throws(ModelFileError) in try read(name, into: WeightMemory(bytes, dtype), model: model) }
      }
      try outcome.get()
    }
    return tensor
  }

  /// All weights of a decoder.
  func weights(_ model: ModelConfiguration, _ dtype: DType) throws -> DecoderWeights {
    let traits = model.architecture.traits
    let embedding = try tensor([.embedding], model, dtype)
    var layers: [LayerWeights] = []
    for index in 0..<model.layers {
      func read(_ weights: WeightName.LayerWeight...) throws -> Tensor {
        try tensor(weights.map { .layer(index, $0) }, model, dtype)
      }
      layers.append(
        LayerWeights(
          inputNorm: try read(.inputNorm), qkv: try read(.q, .k, .v),
          qkvBias: traits.hasAttentionBias ? try read(.qBias, .kBias, .vBias) : nil,
          qNorm: traits.hasHeadNorms ? try read(.qNorm) : nil,
          kNorm: traits.hasHeadNorms ? try read(.kNorm) : nil, output: try read(.output),
          postNorm: try read(.postNorm), gateUp: try read(.gate, .up), down: try read(.down)))
    }
    let head = model.tiesEmbeddings ? embedding : try tensor([.head], model, dtype)
    return DecoderWeights(
      embedding: embedding, layers: layers, finalNorm: try tensor([.finalNorm], model, dtype), head: head)
  }
}
