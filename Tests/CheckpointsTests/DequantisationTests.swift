import Checkpoints
import Foundation
import Testing

struct `Dequantisation` {
  private func floats(_ type: GGMLType, _ bytes: [UInt8]) -> [Float] {
    var numbers = [Float](repeating: .nan, count: bytes.count / type.blockBytes * type.blockElements)
    numbers.withUnsafeMutableBufferPointer { output in
      bytes.withUnsafeBytes { type.dequantise($0, into: output) }
    }
    return numbers
  }

  @Test func `of 4-bit blocks puts low halves first`() {
    // Scale 2, byte j is 0x10 + j: element j is (j - 8) * 2, element j + 16 is (1 - 8) * 2.
    let quants: [UInt8] = (0..<16).map { 0x10 | $0 }
    let plain = floats(.q40, [0x00, 0x40] + quants)
    let expected: [Float] = [-16, -14, -12, -10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10, 12, 14]
    #expect(Array(plain.prefix(16)) == expected)
    #expect(plain.suffix(16).allSatisfy { $0 == -14 })
    // The same with an offset of 0.5 instead of -8 steps.
    let offset = floats(.q41, [0x00, 0x40, 0x00, 0x38] + quants)
    #expect(Array(offset.prefix(3)) == [0.5, 2.5, 4.5])
  }

  @Test func `to bfloat16 rounds to nearest, ties to even`() {
    let cases: [(UInt32, UInt16)] = [
      (0x3F80_0000, 0x3F80),  // 1
      (0x3F80_8000, 0x3F80),  // a tie, down to even
      (0x3F81_8000, 0x3F82),  // a tie, up to even
      (0x3F80_8001, 0x3F81),  // above the tie
      (0x3F80_7FFF, 0x3F80),  // below the tie
      (0x7F7F_FFFF, 0x7F80),  // the largest Float rounds to infinity
      (0xFF80_0000, 0xFF80),  // -infinity
      (0x7F80_0001, 0x7FC0),  // a NaN stays one
      (0x8000_0000, 0x8000),  // -0
    ]
    let bytes = cases.flatMap { withUnsafeBytes(of: $0.0.littleEndian) { Array($0) } }
    var halves = [UInt16](repeating: 0, count: cases.count)
    halves.withUnsafeMutableBufferPointer { output in
      bytes.withUnsafeBytes { GGMLType.float32.dequantise($0, into: output) }
    }
    #expect(halves == cases.map(\.1))
  }

  /// Prints a table; meaningful in release only: `OPERANT_BENCHMARK=1 swift test -c release ...`.
  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["OPERANT_BENCHMARK"] != nil, "set OPERANT_BENCHMARK"))
  func `runs at the speed of memory`() throws {
    let clock = ContinuousClock()
    for type in GGMLType.allCases {
      let count = 1 << 22
      // Byte 0x2C keeps every half-precision scale an ordinary number.
      let bytes = [UInt8](repeating: 0x2C, count: count / type.blockElements * type.blockBytes)
      var numbers = [Float](repeating: 0, count: count)
      var halves = [UInt16](repeating: 0, count: count)
      func rate(_ body: () -> Void) -> Int {
        let times = (0..<8).map { _ in clock.measure(body) }
        return Int(Double(count) / 1e6 / ((times.min() ?? .zero) / .seconds(1)))
      }
      let wide = rate {
        numbers.withUnsafeMutableBufferPointer { output in
          bytes.withUnsafeBytes { type.dequantise($0, into: output) }
        }
      }
      let narrow = rate {
        halves.withUnsafeMutableBufferPointer { output in
          bytes.withUnsafeBytes { type.dequantise($0, into: output) }
        }
      }
      print("\(type): \(wide) million elements/s to Float, \(narrow) to bfloat16")
    }
    if FileManager.default.fileExists(atPath: quickstartModel) {
      let times = try (0..<5).map { _ in try clock.measure { _ = try GGUFFile(path: quickstartModel) } }
      print("header of smollm2-135m-instruct: \(times.min() ?? .zero)")
    }
  }
}
