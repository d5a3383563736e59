/// Builds the bytes of a GGUF file by hand, right or wrong.
struct GGUFBytes {
  private(set) var bytes: [UInt8] = []

  init(version: UInt32 = 3, tensors: UInt64, keys: UInt64) {
    bytes += Array("GGUF".utf8)
    add(version)
    add(tensors)
    add(keys)
  }

  mutating func add(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }

  mutating func add(_ text: String) {
    add(UInt64(text.utf8.count))
    bytes += Array(text.utf8)
  }

  mutating func addKey(_ key: String, text: String) {
    add(key)
    add(UInt32(8))
    add(text)
  }

  mutating func addKey(_ key: String, number: UInt32) {
    add(key)
    add(UInt32(4))
    add(number)
  }

  mutating func addKey(_ key: String, texts: [String]) {
    add(key)
    add(UInt32(9))
    add(UInt32(8))
    add(UInt64(texts.count))
    for text in texts { add(text) }
  }

  /// Sizes fastest first, as the file has them.
  mutating func addTensor(_ name: String, sizes: [UInt64], type: UInt32, offset: UInt64) {
    add(name)
    add(UInt32(sizes.count))
    for size in sizes { add(size) }
    add(type)
    add(offset)
  }

  mutating func pad(to alignment: Int = 32) {
    bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
  }

  mutating func addData(_ floats: [Float]) { for float in floats { add(float.bitPattern) } }

  /// A whole small file: two keys, a list of texts, a 2 x 3 and a vector of 32 in Q8_0.
  static var small: [UInt8] {
    var file = GGUFBytes(tensors: 2, keys: 3)
    file.addKey("general.architecture", text: "llama")
    file.addKey("llama.block_count", number: 2)
    file.addKey("tokenizer.ggml.tokens", texts: ["a", "Ġb", ""])
    file.addTensor("matrix", sizes: [3, 2], type: 0, offset: 0)
    file.addTensor("vector", sizes: [32], type: 8, offset: 32)
    file.pad()
    file.addData([1, 2, 3, 4, 5, 6])
    file.pad()
    file.add(UInt16(0x3800))  // a scale of 0.5
    for q in 0..<32 { file.add(Int8(q - 16)) }
    return file.bytes
  }
}
