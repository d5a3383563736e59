internal import CZlib

/// A message of AWS's event-stream format (`application/vnd.amazon.eventstream`): its length, the headers' length and a
/// CRC-32 of both; headers; payload; and a CRC-32 of all before.
struct EventStreamMessage: Sendable, Hashable {
  /// Of the kind that is text (7), the only one needed here.
  var headers: [(name: String, value: String)] {
    get { names.indices.map { (names[$0], values[$0]) } }
    set {
      names = newValue.map(\.name)
      values = newValue.map(\.value)
    }
  }
  private var names: [String] = []
  private var values: [String] = []
  var payload: [UInt8]

  init(headers: [(name: String, value: String)], payload: [UInt8]) {
    self.payload = payload
    self.headers = headers
  }

  static func event(_ type: String, _ json: String) -> EventStreamMessage {
    EventStreamMessage(
      headers: [
        (":event-type", type), (":content-type", "application/json"), (":message-type", "event"),
      ], payload: Array(json.utf8))
  }

  /// What ends a stream that cannot go on.
  static func exception(_ type: String, _ json: String) -> EventStreamMessage {
    EventStreamMessage(
      headers: [
        (":exception-type", type), (":content-type", "application/json"), (":message-type", "exception"),
      ], payload: Array(json.utf8))
  }

  var bytes: [UInt8] {
    var fields: [UInt8] = []
    for (name, value) in headers {
      precondition(name.utf8.count < 256 && value.utf8.count < 65_536, "a header's name or value is too long")
      fields.append(UInt8(name.utf8.count))
      fields += name.utf8
      fields.append(7)
      fields += [UInt8(value.utf8.count >> 8), UInt8(value.utf8.count & 255)]
      fields += value.utf8
    }
    var message = Self.bytes(UInt32(16 + fields.count + payload.count)) + Self.bytes(UInt32(fields.count))
    message += Self.bytes(Self.checksum(message))
    message += fields
    message += payload
    return message + Self.bytes(Self.checksum(message))
  }

  private static func bytes(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 255), UInt8(value >> 8 & 255), UInt8(value & 255)]
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 { UInt32(crc32_z(0, bytes, bytes.count)) }
}
