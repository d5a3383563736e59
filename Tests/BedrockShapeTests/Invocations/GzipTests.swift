import Testing

@testable import BedrockShape

struct GzipTests {
  @Test(arguments: [0, 1, 100, 1 << 20])
  func `what is packed comes out again`(_ count: Int) {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    #expect(Gzip.unpacked(Gzip.packed(bytes)) == bytes)
    #expect(Gzip.unpacked(Gzip.packed(bytes) + Gzip.packed([1, 2])) == bytes + [1, 2])
  }

  @Test func `plain bytes are themselves, and damaged files are none`() {
    #expect(Gzip.unpacked([1, 2, 3]) == [1, 2, 3])
    let packed = Gzip.packed(Array("hello hello hello".utf8))
    #expect(Gzip.unpacked(Array(packed.dropLast(3))) == nil)
    var damaged = packed
    damaged[packed.count - 6] ^= 1
    #expect(Gzip.unpacked(damaged) == nil)
  }
}
