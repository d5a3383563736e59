internal import Checkpoints

/// Weights of a GGUF file.
struct GGUFWeights: WeightSource {
  let file: GGUFFile

  var path: String { file.path }
  func fileName(of name: WeightName) -> String { name.gguf }
  func shape(of name: WeightName) -> [Int]? { file.tensors[name.gguf]?.shape }

  func read(_ name: WeightName, into memory: WeightMemory, model: ModelConfiguration) throws(ModelFileError) {
    let tensor = try file.tensor(name.gguf)
    file.withBytes(of: tensor) { memory.fill(tensor.type, from: $0) }
    guard model.architecture.traits.ggufInterleavesHeads, case .layer(_, let weight) = name else { return }
    if weight == .q || weight == .k { memory.separateHalves(headSize: model.headSize, columns: model.hidden) }
  }
}
