import Checkpoints
import Foundation
import Records

/// What a model's files say of it without loading it.
struct ModelFootprint: Sendable, Hashable {
  /// Weights in the type that they are computed in.
  var weightBytes: Int
  /// The longest sequence; nil where the files do not say.
  var positions: Int?

  init(_ location: ModelLocation, dtype: ComputeType) throws(ModelFileError) {
    let width = dtype == .float32 ? 4 : 2
    switch location {
    case .gguf(let path):
      let file = try GGUFFile(path: path)
      weightBytes = file.tensors.values.reduce(0) { $0 + $1.elementCount } * width
      positions = file.metadata["general.architecture"]?.string.flatMap {
        file.metadata["\($0).context_length"]?.int
      }
    case .folder(let path):
      let folder = try SafetensorsFolder(path: path)
      weightBytes = folder.names.reduce(0) { $0 + (folder.find($1)?.elementCount ?? 0) } * width
      let config = (try? Data(contentsOf: URL(filePath: path + "/config.json"))).flatMap {
        try? JSONValue(parsing: Array($0))
      }
      positions = config?["max_position_embeddings"]?.integer
    }
  }
}
