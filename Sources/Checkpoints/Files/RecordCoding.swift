import Foundation

/// The one way in which records become JSON on disk: keys sorted, so that equal records are equal bytes;
/// numbers that JSON has no word for as the texts `NaN`, `Infinity`, `-Infinity`; dates as ISO 8601.
enum RecordCoding {
  private static func encoder(isIndented: Bool) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    encoder.dateEncodingStrategy = .iso8601
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return encoder
  }

  private static let decoder = {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return decoder
  }()

  /// One line, without its end.
  static func line(_ record: some Encodable) -> [UInt8] { bytes(record, isIndented: false) }

  /// A file of its own, indented for people.
  static func document(_ record: some Encodable) -> [UInt8] { bytes(record, isIndented: true) + [0x0A] }

  private static func bytes(_ record: some Encodable, isIndented: Bool) -> [UInt8] {
    do {
      return [UInt8](try encoder(isIndented: isIndented).encode(record))
    } catch {
      preconditionFailure("\(type(of: record)) does not encode as JSON: \(error)")
    }
  }

  static func decode<Record: Decodable>(
    _: Record.Type, from bytes: some Collection<UInt8>
  ) throws(RecordProblem) -> Record {
    do {
      return try decoder.decode(Record.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw RecordProblem(error)
    } catch {
      throw RecordProblem(description: "\(error)")
    }
  }

  /// Reads a file that `document` wrote.
  static func read<Record: Decodable>(_: Record.Type, from path: String) throws(StorageError) -> Record {
    let bytes = try Folder.bytes(of: path)
    do {
      return try decode(Record.self, from: bytes)
    } catch {
      throw StorageError(.malformed, path: path, error.description)
    }
  }
}

/// What is wrong with a record's JSON, as a sentence that names the key.
struct RecordProblem: Error, CustomStringConvertible {
  let description: String

  init(description: String) { self.description = description }

  init(_ error: DecodingError) {
    func place(_ context: DecodingError.Context) -> String {
      let keys = context.codingPath.map(\.stringValue).joined(separator: ".")
      return keys.isEmpty ? "" : " at '\(keys)'"
    }
    description =
      switch error {
      case .keyNotFound(let key, let context): "the key '\(key.stringValue)' is missing\(place(context))"
      case .valueNotFound(let type, let context): "a value (\(type)) is missing\(place(context))"
      case .typeMismatch(let type, let context): "expected \(type)\(place(context))"
      case .dataCorrupted(let context): "not valid JSON\(place(context)): \(context.debugDescription)"
      @unknown default: "\(error)"
      }
  }
}
