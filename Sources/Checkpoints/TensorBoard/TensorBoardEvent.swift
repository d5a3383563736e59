/// A `tensorflow.Event` message, encoded by hand: field numbers are those of TensorFlow's event.proto and
/// summary.proto.
struct TensorBoardEvent {
  enum Content {
    /// The first event of a file.
    case fileVersion
    /// A run goes on here: readers purge this step and later ones of earlier files.
    case sessionStart
    case scalars([(name: String, value: Double)])
  }
  /// Seconds since 1970.
  var wallTime: Double
  var step: Int
  var content: Content

  var encoded: [UInt8] {
    var message = ProtocolBuffer()
    message.add(field: 1, double: wallTime)
    message.add(field: 2, integer: UInt64(bitPattern: Int64(step)))
    switch content {
    case .fileVersion: message.add(field: 3, bytes: Array("brain.Event:2".utf8))
    case .sessionStart:
      var log = ProtocolBuffer()
      log.add(field: 1, integer: 1)
      message.add(field: 7, bytes: log.bytes)
    case .scalars(let scalars):
      var summary = ProtocolBuffer()
      for (name, number) in scalars {
        var value = ProtocolBuffer()
        value.add(field: 1, bytes: Array(name.utf8))
        value.add(field: 2, float: Float(number))
        summary.add(field: 1, bytes: value.bytes)
      }
      message.add(field: 5, bytes: summary.bytes)
    }
    return message.bytes
  }
}

/// The protocol buffer wire format, as far as it is needed to write.
private struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func add(field: Int, integer: UInt64) {
    addKey(field, wireType: 0)
    addVariable(integer)
  }

  mutating func add(field: Int, double: Double) {
    addKey(field, wireType: 1)
    withUnsafeBytes(of: double.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func add(field: Int, float: Float) {
    addKey(field, wireType: 5)
    withUnsafeBytes(of: float.bitPattern.littleEndian) { bytes += $0 }
  }

  mutating func add(field: Int, bytes content: [UInt8]) {
    addKey(field, wireType: 2)
    addVariable(UInt64(content.count))
    bytes += content
  }

  private mutating func addKey(_ field: Int, wireType: Int) { addVariable(UInt64(field << 3 | wireType)) }

  private mutating func addVariable(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
