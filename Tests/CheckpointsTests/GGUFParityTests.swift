import Checkpoints
import Foundation
import Testing

@Suite(.enabled(if: Reference.isInstalled, "run Scripts/setup.sh venv: the gguf package is the reference"))
struct `Beside the gguf package` {
  @Test func `metadata and numbers of every type are the same`() throws {
    let folder = try Reference.folder("gguf")
    _ = try Reference.run("gguf", folder)
    let file = try GGUFFile(path: folder + "/every.gguf")
    #expect(file.metadata["test.text"] == .string("grüße, 世界"))
    #expect(file.metadata["test.u8"] == .integer(200))
    #expect(file.metadata["test.i8"] == .integer(-5))
    #expect(file.metadata["test.u64"] == .unsigned(1 << 63 + 5))
    #expect(file.metadata["test.i64"] == .integer(-(1 << 40)))
    #expect(file.metadata["test.f32"] == .float(Double(Float(0.1))))
    #expect(file.metadata["test.f64"] == .float(0.1))
    #expect(file.metadata["test.bool"] == .bool(true))
    #expect(file.metadata["test.texts"] == .strings(["a", "", "Ġthe"]))
    #expect(file.metadata["test.integers"] == .integers([1, -2, 3]))
    #expect(file.metadata["test.floats"] == .floats([0.5, -1.5]))

    #expect(Set(file.tensors.values.map(\.type)) == Set(GGMLType.allCases))
    for tensor in file.tensors.values {
      let expected = try numbers(folder + "/\(tensor.name).f32", as: UInt32.self)
      var floats = [Float](repeating: 0, count: tensor.elementCount)
      floats.withUnsafeMutableBufferPointer { output in
        file.withBytes(of: tensor) { tensor.type.dequantise($0, into: output) }
      }
      #expect(floats.count == expected.count)
      let wrong = zip(floats, expected).filter { float, bits in
        float.isNaN ? !Float(bitPattern: bits).isNaN : float.bitPattern != bits
      }
      #expect(wrong.isEmpty, "\(tensor.name): \(wrong.count) of \(expected.count) floats differ")

      let expectedHalves = try numbers(folder + "/\(tensor.name).bf16", as: UInt16.self)
      var halves = [UInt16](repeating: 0, count: tensor.elementCount)
      halves.withUnsafeMutableBufferPointer { output in
        file.withBytes(of: tensor) { tensor.type.dequantise($0, into: output) }
      }
      let wrongHalves = zip(halves, expectedHalves).filter { half, bits in
        half & 0x7FFF > 0x7F80 ? bits & 0x7FFF <= 0x7F80 : half != bits
      }
      #expect(wrongHalves.isEmpty, "\(tensor.name): \(wrongHalves.count) bfloat16 numbers differ")
    }
  }

  private func numbers<Number: FixedWidthInteger>(_ path: String, as _: Number.Type) throws -> [Number] {
    try Data(contentsOf: URL(filePath: path)).withUnsafeBytes { Array($0.bindMemory(to: Number.self)) }
  }
}
