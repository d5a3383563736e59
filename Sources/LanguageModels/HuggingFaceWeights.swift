internal import Checkpoints

/// Weights of a Hugging Face folder: one safetensors file or several with an index.
struct HuggingFaceWeights: WeightSource {
  let folder: SafetensorsFolder

  var path: String { folder.path }
  func fileName(of name: WeightName) -> String { name.huggingFace }
  func shape(of name: WeightName) -> [Int]? { folder.find(name.huggingFace)?.shape }

  func read(_ name: WeightName, into memory: WeightMemory, model: ModelConfiguration) throws(ModelFileError) {
    let tensor = try folder.tensor(name.huggingFace)
    let type: GGMLType
    switch tensor.type {
    case .float32: type = .float32
    case .float16: type = .float16
    case .bfloat16: type = .bfloat16
    default:
      throw ModelFileError(
        .unsupported, file: path, part: tensor.name,
        "the tensor holds \(tensor.type.rawValue) numbers; expected F32, F16 or BF16")
    }
    folder.withBytes(of: tensor) { memory.fill(type, from: $0) }
  }
}
