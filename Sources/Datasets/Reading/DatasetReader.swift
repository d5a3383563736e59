import Foundation
package import Records
import Synchronization

/// Reads JSONL files of Examples: one JSON object a line with `messages`, optional `tools` and `id`, and any other
/// columns. All bad rows are reported at once.
///
/// A byte order mark, CRLF line ends and blank lines are taken as they come. A row without an `id` gets a hash of its
/// content, so that ids survive reordering; a repeated row is kept, with `-2` behind its id.
package enum DatasetReader {
  /// The most problems that are reported one by one; the last diagnostic then says how many more there are.
  static let reportedProblems = 1000
  /// OpenAI's limit on training rows: more are accepted here, with a warning.
  static let customaryRows = 50_000

  /// Reads a file.
  ///
  /// - Throws: `InvalidInput` with every problem, each with its line.
  package static func read(file: String) throws(InvalidInput) -> DatasetContents {
    let outcome = examine(file: file)
    let errors = outcome.diagnostics.filter { $0.severity == .error }
    guard errors.isEmpty else { throw InvalidInput(outcome.diagnostics) }
    return DatasetContents(examples: outcome.examples, warnings: outcome.diagnostics)
  }

  /// Reads what can be read and says what is wrong with the rest.
  static func examine(file: String) -> (examples: [Example], diagnostics: [Diagnostic]) {
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: file), options: .alwaysMapped)
    } catch {
      let exists = FileManager.default.fileExists(atPath: file)
      let message =
        exists ? "the file cannot be read: \(error.localizedDescription)" : "there is no such file"
      return ([], [Diagnostic(.error, file: file, message: message)])
    }
    return examine(data, file: file)
  }

  /// Reads the bytes of a file that is named `file` in diagnostics.
  static func examine(_ data: Data, file: String) -> (examples: [Example], diagnostics: [Diagnostic]) {
    let chunks = data.withUnsafeBytes { LineChunk.chunks(of: $0) }
    let results = Mutex([ChunkResult?](repeating: nil, count: chunks.count))
    DispatchQueue.concurrentPerform(iterations: chunks.count) { index in
      let result = data.withUnsafeBytes { ChunkResult(reading: chunks[index], of: $0, file: file) }
      results.withLock { $0[index] = result }
    }
    return merge(results.withLock { $0 }.compactMap { $0 }, file: file)
  }

  private static func merge(
    _ results: [ChunkResult], file: String
  ) -> (examples: [Example], diagnostics: [Diagnostic]) {
    var examples: [Example] = []
    examples.reserveCapacity(results.reduce(0) { $0 + $1.rows.count })
    var problems: [Diagnostic] = []
    /// Line of the first row with an id, and how often the row was met.
    var seen: [String: (line: Int, count: Int)] = [:]
    var repeated = 0
    for result in results {
      problems += result.problems
      for row in result.rows {
        var example = row.example
        if let first = seen[example.id] {
          seen[example.id] = (first.line, first.count + 1)
          if row.hasOwnID {
            problems.append(
              Diagnostic(
                .error, file: file, line: row.line, path: "id",
                message: "'\(example.id)' is also the id of line \(first.line); ids must differ"))
          } else {
            repeated += 1
            example.id += "-\(first.count + 1)"
          }
        } else {
          seen[example.id] = (row.line, 1)
        }
        examples.append(example)
      }
    }
    if examples.isEmpty, problems.isEmpty {
      problems.append(
        Diagnostic(.error, file: file, message: "the file has no rows; expected one JSON object a line"))
    }
    return (
      examples, limited(problems, file: file) + warnings(rows: examples.count, repeated: repeated, file: file)
    )
  }

  private static func limited(_ problems: [Diagnostic], file: String) -> [Diagnostic] {
    let sorted = problems.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
      .map(\.element)
    guard sorted.count > reportedProblems else { return sorted }
    let rest = sorted.count - reportedProblems
    return sorted.prefix(reportedProblems)
      + [Diagnostic(.error, file: file, message: "\(rest) more problems are not listed; correct these first")]
  }

  private static func warnings(rows: Int, repeated: Int, file: String) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    if repeated > 0 {
      let message =
        "\(repeated) row\(repeated == 1 ? " repeats" : "s repeat") an earlier one word for word; all are kept"
      warnings.append(Diagnostic(.warning, file: file, message: message))
    }
    if rows > customaryRows {
      warnings.append(
        Diagnostic(
          .warning, file: file,
          message: "\(rows) rows; hosted services take at most \(customaryRows), here there is no limit"))
    }
    return warnings
  }
}

/// Lines that are read together on one thread.
private struct LineChunk: Sendable {
  /// Byte range of the file, ending behind a line end or at the end of the file.
  let range: Range<Int>
  let firstLine: Int

  /// Cuts a file into chunks of about 256 KiB at line ends.
  static func chunks(of bytes: UnsafeRawBufferPointer) -> [LineChunk] {
    var chunks: [LineChunk] = []
    var start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    var line = 1
    while start < bytes.count {
      var end = min(start + 262_144, bytes.count)
      while end < bytes.count, bytes[end - 1] != 0x0A { end += 1 }
      chunks.append(LineChunk(range: start..<end, firstLine: line))
      line += bytes[start..<end].reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
      start = end
    }
    return chunks
  }
}

/// What a chunk's lines gave.
private struct ChunkResult: Sendable {
  struct Row: Sendable {
    let example: Example
    let line: Int
    let hasOwnID: Bool
  }
  private(set) var rows: [Row] = []
  private(set) var problems: [Diagnostic] = []

  init(reading chunk: LineChunk, of bytes: UnsafeRawBufferPointer, file: String) {
    let lines = bytes[chunk.range].split(separator: 0x0A, omittingEmptySubsequences: false)
    for (offset, line) in lines.enumerated() {
      // A line end is CR LF or LF; a line of blanks is no row.
      guard line.contains(where: { $0 > 0x20 }) else { continue }
      var reader = RowReader(file: file, line: chunk.firstLine + offset)
      let example = reader.read(Array(line))
      problems += reader.problems
      if let example {
        rows.append(Row(example: example, line: reader.line, hasOwnID: reader.hasOwnID))
      }
    }
  }
}
