import Records

/// A GGUF file (versions 2 and 3, little-endian), mapped into memory for as long as this object lives.
///
/// Opening it reads the header only and checks everything that the header claims: lengths, names, alignment
/// and that every tensor's bytes are inside the file and apart from those of the others.
package final class GGUFFile: Sendable {
  package let path: String
  package let metadata: [String: GGUFValue]
  package let tensors: [String: GGUFTensor]
  private let file: MappedFile

  package init(path: String) throws(ModelFileError) {
    file = try MappedFile(path: path)
    self.path = path
    let header = try GGUFHeader(bytes: file.bytes, path: path)
    metadata = header.metadata
    tensors = header.tensors
  }

  /// The tensor of a name; an error names the nearest one there is.
  package func tensor(_ name: String) throws(ModelFileError) -> GGUFTensor {
    if let tensor = tensors[name] { return tensor }
    let hint = EditDistance.nearest(to: name, among: tensors.keys).map {
      "; the nearest of its \(tensors.count) is '\($0)'"
    }
    throw ModelFileError(
      .missing, file: path, part: name, "the file has no tensor of this name\(hint ?? "")")
  }

  /// Lends a tensor's bytes as the file has them; the pointer must not outlive the call.
  package func withBytes<Result, Failure: Error>(
    of tensor: GGUFTensor, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try file.withBytes(in: tensor.range, body)
  }
}
