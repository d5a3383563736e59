import Testing

@testable import BedrockShape

/// The format's bytes, worked by hand from its description; botocore's decoder checks the rest.
struct EventStreamTests {
  @Test func `CRC-32 is that of the standards`() {
    #expect(EventStreamMessage.checksum(Array("123456789".utf8)) == 0xCBF4_3926)
  }

  @Test func `a message without headers and payload is sixteen bytes`() {
    // The empty message of AWS's own test vectors.
    #expect(
      EventStreamMessage(headers: [], payload: []).bytes
        == [0, 0, 0, 0x10, 0, 0, 0, 0, 0x05, 0xC2, 0x48, 0xEB, 0x7D, 0x98, 0xC8, 0xFF])
  }

  @Test func `a message has its lengths, its headers and its payload`() {
    let bytes = EventStreamMessage(headers: [("ab", "xyz")], payload: [7, 8]).bytes
    #expect(bytes.count == 12 + 9 + 2 + 4)
    #expect(Array(bytes[..<8]) == [0, 0, 0, UInt8(bytes.count), 0, 0, 0, 9])
    #expect(Array(bytes[12..<21]) == [2, 97, 98, 7, 0, 3, 120, 121, 122])
    #expect(Array(bytes[21..<23]) == [7, 8])
  }
}
