import Foundation
import Records

/// The weights of a Hugging Face model folder: `model.safetensors`, or the shards that
/// `model.safetensors.index.json` lists.
///
/// Shards are all opened at once, so that a missing one is found before minutes are spent on the others.
package final class SafetensorsFolder: Sendable {
  package let path: String
  private let files: [SafetensorsFile]
  private let fileOfTensor: [String: Int]

  package init(path: String) throws(ModelFileError) {
    self.path = path
    let single = path + "/model.safetensors"
    let index = single + ".index.json"
    if FileManager.default.fileExists(atPath: single) {
      let file = try SafetensorsFile(path: single)
      files = [file]
      fileOfTensor = file.tensors.mapValues { _ in 0 }
    } else if FileManager.default.fileExists(atPath: index) {
      (files, fileOfTensor) = try Self.shards(folder: path, index: index)
    } else {
      throw ModelFileError(
        .missing, file: path,
        "the folder has neither model.safetensors nor model.safetensors.index.json; weights in other formats "
          + "(pytorch_model.bin) are not read: convert them to safetensors")
    }
  }

  private static func shards(
    folder: String, index: String
  ) throws(ModelFileError) -> ([SafetensorsFile], [String: Int]) {
    let map = try weightMap(index)
    var files: [SafetensorsFile] = []
    var numbers: [String: Int] = [:]
    var fileOfTensor: [String: Int] = [:]
    for (tensor, value) in map.members {
      guard let name = value.string, !name.contains("/"), !name.isEmpty else {
        throw ModelFileError(
          .malformed, file: index, part: tensor, "expected the name of a file in the same folder")
      }
      if numbers[name] == nil {
        let shard = folder + "/" + name
        guard FileManager.default.fileExists(atPath: shard) else {
          throw ModelFileError(
            .missing, file: shard, part: tensor,
            "the index lists this shard, and the folder does not have it: the download is not complete")
        }
        numbers[name] = files.count
        files.append(try SafetensorsFile(path: shard))
      }
      guard let number = numbers[name], files[number].tensors[tensor] != nil else {
        throw ModelFileError(
          .missing, file: folder + "/" + name, part: tensor,
          "the index puts this tensor here, and the shard does not have it")
      }
      fileOfTensor[tensor] = number
    }
    return (files, fileOfTensor)
  }

  private static func weightMap(_ index: String) throws(ModelFileError) -> JSONObject {
    let file = try MappedFile(path: index)
    let document: JSONValue
    do {
      document = try JSONValue(parsing: file.withBytes(in: 0..<file.bytes.count) { Array($0) })
    } catch {
      throw ModelFileError(.malformed, file: index, "the index is not JSON: \(error)")
    }
    guard let map = document["weight_map"]?.object, !map.isEmpty else {
      throw ModelFileError(
        .malformed, file: index, part: "weight_map", "expected an object of tensor names and file names")
    }
    return map
  }

  /// The names of all tensors, sorted.
  package var names: [String] { fileOfTensor.keys.sorted() }

  /// The tensor of a name, or nil.
  package func find(_ name: String) -> SafetensorsTensor? {
    fileOfTensor[name].flatMap { files[$0].tensors[name] }
  }

  /// The tensor of a name; an error names the nearest one there is.
  package func tensor(_ name: String) throws(ModelFileError) -> SafetensorsTensor {
    if let tensor = find(name) { return tensor }
    let hint =
      EditDistance.nearest(to: name, among: fileOfTensor.keys).map { "; the nearest is '\($0)'" } ?? ""
    throw ModelFileError(.missing, file: path, part: name, "the model has no tensor of this name\(hint)")
  }

  /// Lends a tensor's bytes; the pointer must not outlive the call. Traps on a tensor of another folder.
  package func withBytes<Result, Failure: Error>(
    of tensor: SafetensorsTensor, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let number = fileOfTensor[tensor.name] else {
      preconditionFailure("'\(tensor.name)' is not a tensor of \(path)")
    }
    return try files[number].withBytes(of: tensor, body)
  }
}
