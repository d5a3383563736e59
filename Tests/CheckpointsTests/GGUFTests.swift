import Checkpoints
import Foundation
import Records
import Testing

struct `A GGUF file` {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func open(_ bytes: [UInt8]) throws -> GGUFFile {
    try GGUFFile(path: folder.write(bytes, to: "model.gguf"))
  }

  private func refusal(_ bytes: [UInt8]) throws -> String {
    let error = try #require(throws: ModelFileError.self) { try open(bytes) }
    #expect(error.file.hasSuffix("model.gguf"))
    return error.description
  }

  @Test func `gives its metadata and its tensors, outermost size first`() throws {
    let file = try open(GGUFBytes.small)
    #expect(file.metadata["general.architecture"] == .string("llama"))
    #expect(file.metadata["llama.block_count"]?.int == 2)
    #expect(file.metadata["tokenizer.ggml.tokens"]?.strings == ["a", "Ġb", ""])
    let matrix = try file.tensor("matrix")
    #expect(matrix.shape == [2, 3])
    #expect(matrix.type == .float32)
    #expect(file.withBytes(of: matrix) { Array($0.bindMemory(to: Float.self)) } == [1, 2, 3, 4, 5, 6])
    let vector = try file.tensor("vector")
    var numbers = [Float](repeating: .nan, count: 32)
    numbers.withUnsafeMutableBufferPointer { output in
      file.withBytes(of: vector) { vector.type.dequantise($0, into: output) }
    }
    let expected: [Float] = (-16..<16).map { Float($0) * 0.5 }
    #expect(numbers == expected)
  }

  @Test func `of version 2 is read as version 3 is`() throws {
    var bytes = GGUFBytes.small
    bytes[4] = 2
    #expect(try open(bytes).tensors.count == 2)
  }

  @Test func `names the nearest tensor when asked for one that is not there`() throws {
    let file = try open(GGUFBytes.small)
    let error = #expect(throws: ModelFileError.self) { try file.tensor("vectr") }
    #expect(error?.kind == .missing)
    #expect(error?.description.contains("'vector'") == true)
  }

  @Test func `cut off anywhere is refused with a sentence`() throws {
    let whole = GGUFBytes.small
    for length in 0..<whole.count {
      let error = #expect(throws: ModelFileError.self) { try open(Array(whole[..<length])) }
      #expect(error?.kind == .truncated, "\(length) bytes: \(error?.description ?? "")")
    }
  }

  @Test func `with flipped bits is read or refused, and never brings the process down`() throws {
    let whole = GGUFBytes.small
    var random = SplitMix64(seed: 5)
    var refused = 0
    for round in 0..<1500 {
      var bytes = whole
      for _ in 0..<(1 + round % 3) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      do {
        let file = try open(bytes)
        for tensor in file.tensors.values {
          var numbers = [Float](repeating: 0, count: tensor.elementCount)
          numbers.withUnsafeMutableBufferPointer { output in
            file.withBytes(of: tensor) { tensor.type.dequantise($0, into: output) }
          }
        }
      } catch is ModelFileError {
        refused += 1
      }
    }
    #expect(refused > 300)
  }

  @Test func `that claims more than it has is refused before anything is allocated`() throws {
    var tensors = GGUFBytes(tensors: .max, keys: 0)
    tensors.pad()
    #expect(try refusal(tensors.bytes).contains("the number of tensors is 18446744073709551615"))
    var keys = GGUFBytes(tensors: 0, keys: 1 << 60)
    keys.pad()
    #expect(try refusal(keys.bytes).contains("the number of metadata entries"))
    var text = GGUFBytes(tensors: 0, keys: 1)
    text.add("general.name")
    text.add(UInt32(8))
    text.add(UInt64(1) << 62)
    #expect(try refusal(text.bytes).contains("general.name: the length of a text"))
    var list = GGUFBytes(tensors: 0, keys: 1)
    list.add("tokens")
    list.add(UInt32(9))
    list.add(UInt32(8))
    list.add(UInt64.max / 8)
    #expect(try refusal(list.bytes).contains("tokens: the length of a list"))
  }

  @Test func `of another kind is told apart`() throws {
    #expect(try refusal(Array("PK\u{3}\u{4} and so on, long enough".utf8)).contains("not a GGUF file"))
    #expect(try refusal(GGUFBytes(version: 1, tensors: 0, keys: 0).bytes).contains("GGUF version 1"))
    #expect(try refusal(GGUFBytes(version: 0x0300_0000, tensors: 0, keys: 0).bytes).contains("big-endian"))
  }

  @Test func `with contradictions is refused by the name of the part`() throws {
    func file(_ fill: (inout GGUFBytes) -> Void, tensors: UInt64 = 1, keys: UInt64 = 0) throws -> String {
      var bytes = GGUFBytes(tensors: tensors, keys: keys)
      fill(&bytes)
      bytes.pad()
      bytes.addData([Float](repeating: 0, count: 64))
      return try refusal(bytes.bytes)
    }
    let unread = try file { $0.addTensor("w", sizes: [32], type: 16, offset: 0) }
    #expect(unread.contains("w: the tensor is of GGML type 16"))
    let split = try file { $0.addTensor("w", sizes: [33], type: 8, offset: 0) }
    #expect(split.contains("rows of 33 elements do not divide into Q8_0 blocks of 32"))
    let askew = try file { $0.addTensor("w", sizes: [4], type: 0, offset: 4) }
    #expect(askew.contains("not a multiple of the alignment 32"))
    let huge = try file { $0.addTensor("w", sizes: [1 << 40, 1 << 40], type: 0, offset: 0) }
    #expect(huge.contains("absurdly large"))
    let twice = try file(
      {
        $0.addTensor("w", sizes: [4], type: 0, offset: 0)
        $0.addTensor("w", sizes: [4], type: 0, offset: 32)
      }, tensors: 2)
    #expect(twice.contains("w: the tensor appears twice"))
    let over = try file(
      {
        $0.addTensor("a", sizes: [16], type: 0, offset: 0)
        $0.addTensor("b", sizes: [4], type: 0, offset: 32)
      }, tensors: 2)
    #expect(over.contains("b: its data overlaps that of 'a'"))
    let alignment = try file({ $0.addKey("general.alignment", number: 24) }, tensors: 0, keys: 1)
    #expect(alignment.contains("power of two"))
    let key = try file(
      {
        $0.addKey("k", number: 1)
        $0.addKey("k", number: 1)
      }, tensors: 0, keys: 2)
    #expect(key.contains("k: the metadata key appears twice"))
  }

  @Test func `nested without end is refused`() throws {
    var bytes = GGUFBytes(tensors: 0, keys: 1)
    bytes.add("deep")
    bytes.add(UInt32(9))
    for _ in 0..<10_000 {
      bytes.add(UInt32(9))
      bytes.add(UInt64(1))
    }
    #expect(try refusal(bytes.bytes).contains("nested deeper"))
  }

  @Test func `that is not there, or is a folder, is said so`() throws {
    let missing = #expect(throws: ModelFileError.self) { try GGUFFile(path: folder.path + "/none.gguf") }
    #expect(missing?.kind == .missing)
    let place = #expect(throws: ModelFileError.self) { try GGUFFile(path: folder.path) }
    #expect(place?.description.contains("folder") == true)
  }
}

@Suite(.enabled(if: FileManager.default.fileExists(atPath: quickstartModel), "run Scripts/setup.sh model"))
struct `The default model` {
  @Test func `is read with its vocabulary and its tensors`() throws {
    let model = try GGUFFile(path: quickstartModel)
    #expect(model.metadata["tokenizer.ggml.tokens"]?.strings?.count == 49_152)
    #expect(try model.tensor("token_embd.weight").shape == [49_152, 576])
    #expect(model.tensors.values.reduce(0) { $0 + $1.elementCount } == 134_515_008)
  }
}
