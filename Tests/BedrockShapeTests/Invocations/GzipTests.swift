import Foundation
import Testing

@testable import BedrockShape

struct GzipTests {
  private func unpacked(_ bytes: [UInt8]) throws -> (bytes: [UInt8], isWhole: Bool) {
    let path = FileManager.default.temporaryDirectory.appending(path: "gzip-\(UUID().uuidString)").path
    try Data(bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    var found: [UInt8] = []
    let isWhole = Gzip.pieces(of: path) {
      found += $0
      return true
    }
    return (found, isWhole)
  }

  @Test(arguments: [0, 1, 100, 1 << 18, 1 << 20])
  func `what is packed comes out again`(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    let one = try unpacked(Gzip.packed(bytes))
    #expect(one.bytes == bytes && one.isWhole)
    let two = try unpacked(Gzip.packed(bytes) + Gzip.packed([1, 2]))
    #expect(two.bytes == bytes + [1, 2] && two.isWhole)
  }

  @Test func `plain bytes are themselves, and damaged files are not whole`() throws {
    let plain = try unpacked([1, 2, 3])
    #expect(plain.bytes == [1, 2, 3] && plain.isWhole)
    let packed = Gzip.packed(Array("hello hello hello".utf8))
    #expect(try !unpacked(Array(packed.dropLast(3))).isWhole)
    var damaged = packed
    damaged[packed.count - 6] ^= 1
    #expect(try !unpacked(damaged).isWhole)
  }

  @Test(arguments: [true, false])
  func `lines are read one by one, long ones are left out, and a budget ends it`(_ isPacked: Bool) throws {
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: LogLines.longest + 1)
    let bytes = Array("one\n\n".utf8) + long + Array("\nthree".utf8)
    let path = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID().uuidString)").path
    try Data(isPacked ? Gzip.packed(bytes) : bytes).write(to: URL(filePath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    func read(_ budget: inout Int, most: Int = 9) -> [String?] {
      var lines: [String?] = []
      LogLines.read(path, budget: &budget) { line in
        lines.append(line.map { String(decoding: $0, as: UTF8.self) })
        return lines.count < most
      }
      return lines
    }
    var budget = bytes.count
    #expect(read(&budget) == ["one", nil, "three"])
    #expect(budget == 0)
    budget = 1 << 20
    #expect(read(&budget) == ["one"])
    #expect(budget < 0)
    // What is not wanted is not unpacked.
    budget = 1 << 20
    #expect(read(&budget, most: 1) == ["one"])
    #expect(budget > 0)
  }
}
