import Checkpoints
import Foundation
import Records
import Testing

struct `A safetensors file` {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  static let entries = [
    SafetensorsEntry(name: "u8", type: .uint8, shape: [3]),
    SafetensorsEntry(name: "b", type: .bfloat16, shape: [2, 2]),
    SafetensorsEntry(name: "a", type: .float32, shape: [2]),
    SafetensorsEntry(name: "scalar", type: .int64, shape: []),
    SafetensorsEntry(name: "empty", type: .float32, shape: [0, 4]),
  ]

  /// The bytes 1, 2, 3, ... of an entry's length, in pieces of two.
  private func emit(_ entry: SafetensorsEntry, _ emit: SafetensorsWriter.Emit) throws {
    let bytes = (0..<entry.byteCount).map { UInt8($0 + 1) }
    for start in stride(from: 0, to: bytes.count, by: 2) {
      try bytes[start..<min(start + 2, bytes.count)].withUnsafeBytes { try emit($0) }
    }
  }

  private func refusal(_ header: String, data: Int = 8) throws -> String {
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += Array(header.utf8) + [UInt8](repeating: 0, count: data)
    let path = try folder.write(bytes, to: "model.safetensors")
    return try #require(throws: ModelFileError.self) { try SafetensorsFile(path: path) }.description
  }

  @Test func `is read back as it was written`() throws {
    let path = folder.path + "/model.safetensors"
    try SafetensorsWriter.write(Self.entries, to: path, data: emit)
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata == ["format": "pt"])
    #expect(file.tensors.count == Self.entries.count)
    for entry in Self.entries {
      let tensor = try file.tensor(entry.name)
      #expect(tensor.shape == entry.shape && tensor.type == entry.type)
      #expect(tensor.range.lowerBound.isMultiple(of: entry.type.bytes))
      #expect(file.withBytes(of: tensor) { Array($0) } == (0..<entry.byteCount).map { UInt8($0 + 1) })
    }
    #expect(try folder.names == ["model.safetensors"])
  }

  @Test func `that could not be written whole leaves the old one and nothing else`() throws {
    struct Stop: Error {}
    let path = try folder.write([1, 2, 3], to: "model.safetensors")
    #expect(throws: Stop.self) {
      try SafetensorsWriter.write(Self.entries, to: path) { entry, sink in
        if entry.name == "b" { throw Stop() }
        try emit(entry, sink)
      }
    }
    #expect(try folder.bytes("model.safetensors") == [1, 2, 3])
    #expect(try folder.names == ["model.safetensors"])
  }

  @Test func `cut off anywhere is refused`() throws {
    try SafetensorsWriter.write(Self.entries, to: folder.path + "/whole", data: emit)
    let whole = try folder.bytes("whole")
    for length in 0..<whole.count {
      let path = try folder.write(Array(whole[..<length]), to: "cut")
      #expect(throws: ModelFileError.self, "\(length) bytes") { try SafetensorsFile(path: path) }
    }
  }

  @Test func `with flipped bits is read or refused, and never brings the process down`() throws {
    try SafetensorsWriter.write(Self.entries, to: folder.path + "/whole", data: emit)
    let whole = try folder.bytes("whole")
    var random = SplitMix64(seed: 9)
    var refused = 0
    for _ in 0..<1500 {
      var bytes = whole
      bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      do {
        let file = try SafetensorsFile(path: folder.write(bytes, to: "flipped"))
        for tensor in file.tensors.values { file.withBytes(of: tensor) { _ = $0.reduce(0, ^) } }
      } catch is ModelFileError {
        refused += 1
      }
    }
    #expect(refused > 300)
  }

  @Test(arguments: [
    (
      #"{"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 12]}}"#,
      "takes 8 bytes, and data_offsets span 12"
    ),
    (
      #"{"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}"#,
      "the copy or download is not complete"
    ),
    (#"{"w": {"dtype": "F4", "shape": [4], "data_offsets": [0, 2]}}"#, "of type F4; expected one of F32"),
    (#"{"w": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 2]}}"#, "not a list of sizes"),
    (#"{"w": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}"#, "not [begin, end]"),
    (
      #"{"w": {"dtype": "F32", "shape": [9223372036854775807, 2], "data_offsets": [0, 8]}}"#, "absurdly large"
    ),
    (#"{"w": 1}"#, "found no dtype"),
    (#"[1]"#, "the header is a list"),
    (#"{"w": "#, "not JSON"),
    (#"{"__metadata__": {"a": 1}}"#, "__metadata__.a: expected a text"),
    (
      #"{"a": {"dtype": "U8", "shape": [4], "data_offsets": [0, 4]}, "b": {"dtype": "U8", "shape": [4], "data_offsets": [3, 7]}}"#,
      "b: its data overlaps that of 'a'"
    ),
  ])
  func `that contradicts itself is refused with the reason`(header: String, reason: String) throws {
    let sentence = try refusal(header)
    #expect(sentence.contains(reason), "\(sentence)")
  }

  @Test func `whose header is longer than any is not taken for one`() throws {
    let path = try folder.write([UInt8](repeating: 0xFF, count: 64), to: "x")
    let error = #expect(throws: ModelFileError.self) { try SafetensorsFile(path: path) }
    #expect(error?.description.contains("not a safetensors file") == true)
  }

  @Test func `holes between tensors are tolerated`() throws {
    let header = #"{"w": {"dtype": "U8", "shape": [2], "data_offsets": [4, 6]}}"#
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += Array(header.utf8) + [0, 1, 2, 3, 4, 5, 6, 7]
    let file = try SafetensorsFile(path: folder.write(bytes, to: "x"))
    #expect(file.withBytes(of: try file.tensor("w")) { Array($0) } == [4, 5])
  }
}

struct `A folder of safetensors` {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private static let entries = (0..<5).map {
    SafetensorsEntry(name: "layer.\($0).weight", type: .float32, shape: [4, 4])
  }

  private func write(shardBytes: Int) throws -> [String] {
    try SafetensorsWriter.write(Self.entries, toFolder: folder.path, shardBytes: shardBytes) { entry, emit in
      let value = Float(Self.entries.firstIndex(of: entry) ?? -1)
      try [Float](repeating: value, count: 16).withUnsafeBytes { try emit($0) }
    }
  }

  @Test(arguments: [(1000, 1), (128, 3), (64, 5), (1, 5), (200, 2)])
  func `is read the same however it is sharded`(shardBytes: Int, files: Int) throws {
    let names = try write(shardBytes: shardBytes)
    #expect(names.filter { $0.hasSuffix(".safetensors") }.count == files)
    let model = try SafetensorsFolder(path: folder.path)
    #expect(model.names == Self.entries.map(\.name))
    for (index, entry) in Self.entries.enumerated() {
      let numbers = model.withBytes(of: try model.tensor(entry.name)) { Array($0.bindMemory(to: Float.self)) }
      #expect(numbers == [Float](repeating: Float(index), count: 16))
    }
  }

  @Test func `written again in another division leaves no stale index`() throws {
    _ = try write(shardBytes: 64)
    _ = try write(shardBytes: 1000)
    #expect(try !folder.names.contains("model.safetensors.index.json"))
    _ = try write(shardBytes: 64)
    #expect(try !folder.names.contains("model.safetensors"))
  }

  @Test func `names the shard or tensor that is missing`() throws {
    _ = try write(shardBytes: 128)
    let model = try SafetensorsFolder(path: folder.path)
    let tensor = #expect(throws: ModelFileError.self) { try model.tensor("layer.7.weight") }
    #expect(tensor?.description.contains("the nearest is 'layer.") == true)
    try FileManager.default.removeItem(atPath: folder.path + "/model-00002-of-00003.safetensors")
    let shard = #expect(throws: ModelFileError.self) { try SafetensorsFolder(path: folder.path) }
    #expect(shard?.kind == .missing)
    #expect(shard?.file.hasSuffix("model-00002-of-00003.safetensors") == true)
    let empty = try TemporaryFolder()
    let none = #expect(throws: ModelFileError.self) { try SafetensorsFolder(path: empty.path) }
    #expect(none?.description.contains("neither model.safetensors nor") == true)
  }

  @Test func `whose index points out of the folder is refused`() throws {
    _ = try folder.write(
      Array(#"{"weight_map": {"a": "../secret.safetensors"}}"#.utf8), to: "model.safetensors.index.json")
    #expect(throws: ModelFileError.self) { try SafetensorsFolder(path: folder.path) }
  }
}

@Suite(
  .enabled(if: Reference.isInstalled, "run Scripts/setup.sh venv: the safetensors package is the reference"))
struct `Beside the safetensors package` {
  private struct Listing: Decodable {
    struct Tensor: Decodable {
      var shape: [Int]
      var dtype: String
      var crc32: String
    }
    var metadata: [String: String]
    var tensors: [String: Tensor]
  }
  private static let types: [String: SafetensorsType] = [
    "float32": .float32, "float16": .float16, "bfloat16": .bfloat16, "float64": .float64, "int64": .int64,
    "int32": .int32, "int16": .int16, "int8": .int8, "uint8": .uint8, "bool": .bool,
  ]

  private func compare(_ file: SafetensorsFile, _ listing: Listing) throws {
    #expect(file.metadata == listing.metadata)
    #expect(Set(file.tensors.keys) == Set(listing.tensors.keys))
    for (name, expected) in listing.tensors {
      let tensor = try file.tensor(name)
      #expect(tensor.shape == expected.shape && tensor.type == Self.types[expected.dtype])
      let data = file.withBytes(of: tensor) { Data($0) }
      let digits = String(crc(data), radix: 16)
      #expect(String(repeating: "0", count: 8 - digits.count) + digits == expected.crc32, "\(name)")
    }
  }

  @Test func `files written by it are read the same`() throws {
    let folder = try Reference.folder("safetensors")
    _ = try Reference.run("safetensors", folder)
    let listing = try JSONDecoder().decode(
      Listing.self, from: Data(contentsOf: URL(filePath: folder + "/every.json")))
    try compare(SafetensorsFile(path: folder + "/every.safetensors"), listing)
    let sharded = try SafetensorsFolder(path: folder + "/sharded")
    #expect(try sharded.tensor("a").shape == [4, 4])
    #expect(try sharded.tensor("b").shape == [2])
  }

  @Test func `it reads files written here the same`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/ours.safetensors"
    var random = SplitMix64(seed: 3)
    let entries = SafetensorsType.allCases.map { SafetensorsEntry(name: "t.\($0)", type: $0, shape: [3, 5]) }
    try SafetensorsWriter.write(entries, to: path, metadata: ["format": "pt", "note": "grüße"]) {
      entry, emit in
      let limit: UInt8 = entry.type == .bool ? 1 : 255
      let bytes = (0..<entry.byteCount).map { _ in UInt8.random(in: 0...limit, using: &random) }
      try bytes.withUnsafeBytes { try emit($0) }
    }
    let listing = try JSONDecoder().decode(Listing.self, from: Reference.run("read-safetensors", path))
    try compare(SafetensorsFile(path: path), listing)
  }

  /// CRC-32 bit by bit: slow, and apart from the one under test.
  private func crc(_ data: Data) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in data {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
