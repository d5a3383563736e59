/// Files of one JSON record a line, written only at their end.
enum JSONLines {
  /// The records of a file and what had to be left out.
  struct Contents<Record> {
    var records: [Record] = []
    /// A sentence for each line that is not a record, with its number.
    var warnings: [String] = []
  }

  /// Reads all records; a line that is not one is left out with a warning, above all a last line that a
  /// killed process wrote by half. A file that is not there has none.
  static func read<Record: Decodable>(
    _: Record.Type, from path: String
  ) throws(StorageError) -> Contents<Record> {
    let bytes: [UInt8]
    do {
      bytes = try Folder.bytes(of: path)
    } catch  where error.kind == .missing {
      return Contents()
    }
    var contents = Contents<Record>()
    var start = 0
    var number = 0
    while start < bytes.count {
      number += 1
      guard let end = bytes[start...].firstIndex(of: 0x0A) else {
        contents.warnings.append("\(path):\(number): the last line was written by half and is left out")
        break
      }
      if end > start {
        do {
          contents.records.append(try RecordCoding.decode(Record.self, from: bytes[start..<end]))
        } catch {
          contents.warnings.append("\(path):\(number): the line is left out: \(error)")
        }
      }
      start = end + 1
    }
    return contents
  }

  /// The last record of a file, without reading those before it; nil when there is none.
  static func last<Record: Decodable>(_: Record.Type, in path: String) throws(StorageError) -> Record? {
    var rest: ArraySlice<UInt8>
    do {
      rest = try Folder.bytes(of: path)[...]
    } catch  where error.kind == .missing {
      return nil
    }
    guard let end = rest.lastIndex(of: 0x0A) else { return nil }
    rest = rest[..<end]
    while !rest.isEmpty {
      let start = rest.lastIndex(of: 0x0A).map { $0 + 1 } ?? rest.startIndex
      if let record = try? RecordCoding.decode(Record.self, from: rest[start...]) { return record }
      rest = rest[..<max(rest.startIndex, start - 1)]
    }
    return nil
  }

  /// Rewrites a file with only those records that are wanted; true lines are kept byte for byte.
  ///
  /// - Returns: a warning for each line that was not a record.
  static func cut<Record: Decodable>(
    _: Record.Type, in path: String, keeping isWanted: (Record) -> Bool
  ) throws(StorageError) -> [String] {
    let bytes: [UInt8]
    do {
      bytes = try Folder.bytes(of: path)
    } catch  where error.kind == .missing {
      return []
    }
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var warnings: [String] = []
    var start = 0
    var number = 0
    while start < bytes.count {
      number += 1
      guard let end = bytes[start...].firstIndex(of: 0x0A) else {
        warnings.append("\(path):\(number): the last line was written by half and is dropped")
        break
      }
      do {
        let record = try RecordCoding.decode(Record.self, from: bytes[start..<end])
        if isWanted(record) { kept += bytes[start...end] }
      } catch {
        warnings.append("\(path):\(number): the line is dropped: \(error)")
      }
      start = end + 1
    }
    if kept.count < bytes.count { try AtomicFile.write(kept, to: path) }
    return warnings
  }
}
