import Foundation

/// The one JSON form of what `operant` and its worker say to each other: an object a line.
///
/// Numbers that JSON has no word for travel as the texts `NaN`, `Infinity` and `-Infinity`.
package enum WorkerLine {
  /// A request, an event or a conversation as one line, without its end.
  package static func encode(_ record: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return String(decoding: try encoder.encode(record), as: UTF8.self)
  }

  package static func decode<Record: Decodable>(_: Record.Type, from line: some Sequence<UInt8>) throws
    -> Record
  {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try decoder.decode(Record.self, from: Data(line))
  }
}
