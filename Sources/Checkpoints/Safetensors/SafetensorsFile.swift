import Records

/// A safetensors file, mapped into memory for as long as this object lives.
///
/// Opening it reads the header and checks every offset: inside the file, as long as type and shape say, no two
/// tensors over each other. Bytes that belong to no tensor are tolerated, as some writers align with them.
package final class SafetensorsFile: Sendable {
  package let path: String
  /// The texts of `__metadata__`.
  package let metadata: [String: String]
  package let tensors: [String: SafetensorsTensor]
  private let file: MappedFile

  package init(path: String) throws(ModelFileError) {
    file = try MappedFile(path: path)
    self.path = path
    let header = try SafetensorsHeader(bytes: file.bytes, path: path)
    metadata = header.metadata
    tensors = header.tensors
  }

  /// The tensor of a name; an error names the nearest one there is.
  package func tensor(_ name: String) throws(ModelFileError) -> SafetensorsTensor {
    if let tensor = tensors[name] { return tensor }
    let hint = EditDistance.nearest(to: name, among: tensors.keys).map {
      "; the nearest of its \(tensors.count) is '\($0)'"
    }
    throw ModelFileError(
      .missing, file: path, part: name, "the file has no tensor of this name\(hint ?? "")")
  }

  /// Lends a tensor's bytes; the pointer must not outlive the call.
  package func withBytes<Result, Failure: Error>(
    of tensor: SafetensorsTensor, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try file.withBytes(in: tensor.range, body)
  }
}
