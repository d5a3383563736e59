import Foundation
import Records

/// A tensor that is to be written.
package struct SafetensorsEntry: Sendable, Hashable {
  package var name: String
  package var type: SafetensorsType
  /// Sizes outermost first; empty for a scalar.
  package var shape: [Int]

  package init(name: String, type: SafetensorsType, shape: [Int]) {
    self.name = name
    self.type = type
    self.shape = shape
  }

  /// How many bytes its data takes.
  package var byteCount: Int { shape.reduce(type.bytes, *) }
}

/// Writes safetensors files, streaming: the header first, as all sizes are known, then one tensor at a time.
///
/// Tensors are laid out as the reference implementation does, wide element types first, then by name, so that
/// every tensor is aligned for its type.
package enum SafetensorsWriter {
  /// Receives the next bytes of the tensor that is being written.
  package typealias Emit = (UnsafeRawBufferPointer) throws(StorageError) -> Void

  /// Writes one file atomically.
  ///
  /// - Parameters:
  ///   - metadata: the texts of `__metadata__`; some readers refuse a file without `format`.
  ///   - data: is called once for each entry and emits its bytes, row-major and little-endian, in as many
  ///     pieces as it likes; traps when they are not as many as type and shape say.
  /// - Throws: `StorageError`, or what `data` throws.
  package static func write(
    _ entries: [SafetensorsEntry], to path: String, metadata: [String: String] = ["format": "pt"],
    data: (SafetensorsEntry, Emit) throws -> Void
  ) throws {
    let ordered = entries.sorted { ($1.type.bytes, $0.name) < ($0.type.bytes, $1.name) }
    var file = try AtomicFile(replacing: path)
    try file.output.write(header(ordered, metadata: metadata))
    for entry in ordered {
      let start = file.output.count
      try data(entry) { bytes throws(StorageError) in try file.output.write(bytes) }
      let count = file.output.count - start
      precondition(
        count == entry.byteCount,
        "\(entry.type.rawValue) of \(entry.shape) takes \(entry.byteCount) bytes, and \(count) were emitted for "
          + "'\(entry.name)'")
    }
    try file.commit()
  }

  /// Writes a model's weights into a folder: as `model.safetensors` when they fit into one file of
  /// `shardBytes`, else as shards with `model.safetensors.index.json`, which is written last.
  ///
  /// - Returns: the names of the files written.
  /// - Throws: `StorageError`, or what `data` throws.
  @discardableResult
  package static func write(
    _ entries: [SafetensorsEntry], toFolder folder: String, shardBytes: Int = 5_000_000_000,
    metadata: [String: String] = ["format": "pt"], data: (SafetensorsEntry, Emit) throws -> Void
  ) throws -> [String] {
    try Folder.make(folder)
    let index = folder + "/model.safetensors.index.json"
    let shards = shards(of: entries, bytes: shardBytes)
    if shards.count == 1 {
      try write(entries, to: folder + "/model.safetensors", metadata: metadata, data: data)
      if FileManager.default.fileExists(atPath: index) { try Folder.remove(index) }
      return ["model.safetensors"]
    }
    var weightMap = JSONObject()
    var names: [String] = []
    for (number, shard) in shards.enumerated() {
      let name = "model-\(padded(number + 1))-of-\(padded(shards.count)).safetensors"
      try write(shard, to: folder + "/" + name, metadata: metadata, data: data)
      for entry in shard { weightMap[entry.name] = .string(name) }
      names.append(name)
    }
    let document: JSONValue = [
      "metadata": ["total_size": .integer(entries.reduce(0) { $0 + $1.byteCount })],
      "weight_map": .object(weightMap),
    ]
    try AtomicFile.write(Array((document.serialised(.indented(2)) + "\n").utf8), to: index)
    let single = folder + "/model.safetensors"
    if FileManager.default.fileExists(atPath: single) { try Folder.remove(single) }
    return names + ["model.safetensors.index.json"]
  }

  /// The length, then JSON padded with spaces so that the data begins at a multiple of 8.
  private static func header(_ entries: [SafetensorsEntry], metadata: [String: String]) -> [UInt8] {
    var object = JSONObject()
    if !metadata.isEmpty {
      object["__metadata__"] = .object(
        JSONObject(metadata.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
    var offset = 0
    for entry in entries {
      precondition(
        object[entry.name] == nil, "'\(entry.name)' is to be written twice, or is no name for a tensor")
      object[entry.name] = [
        "dtype": .string(entry.type.rawValue), "shape": .array(entry.shape.map { .integer($0) }),
        "data_offsets": [.integer(offset), .integer(offset + entry.byteCount)],
      ]
      offset += entry.byteCount
    }
    var json = Array(JSONValue.object(object).serialised().utf8)
    json += [UInt8](repeating: 0x20, count: (8 - json.count % 8) % 8)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
  }

  /// Fills shard after shard in the order given; a tensor larger than a shard gets one of its own.
  private static func shards(of entries: [SafetensorsEntry], bytes: Int) -> [[SafetensorsEntry]] {
    var shards: [[SafetensorsEntry]] = [[]]
    var size = 0
    for entry in entries {
      if size > 0, size + entry.byteCount > bytes {
        shards.append([])
        size = 0
      }
      shards[shards.count - 1].append(entry)
      size += entry.byteCount
    }
    return shards
  }

  private static func padded(_ number: Int) -> String { String(format: "%05d", number) }
}
