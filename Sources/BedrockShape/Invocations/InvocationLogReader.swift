internal import Foundation
internal import Gateway
internal import Records
internal import Store

/// Makes training rows of invocation logs: ours, and those that Bedrock has written, packed or not.
///
/// A file is read line by line, and rows are written as they are found, so that logs of any size take little memory.
struct InvocationLogReader: Sendable {
  let source: InvocationSource
  /// Most rows; when there is one more, no further line is read.
  let limit: Int
  /// Most bytes that are unpacked for one request.
  var budget = 2 << 30

  /// What was made of the logs.
  struct Outcome: Sendable {
    var rows = 0
    var passedOver = PassedOverCounts()
  }

  /// - Parameters:
  ///   - path: where the rows are written, a line each.
  ///   - folder: for copies of remote objects, which are gone in the end.
  /// - Returns: how many rows there are, at most one more than the limit.
  func write(_ path: String, _ objects: ObjectAccess, _ project: Project, _ folder: String) async throws
    -> Outcome
  {
    var outcome = Outcome()
    var budget = budget
    for address in try await objects.objects(below: source.address, of: project) {
      let name = address.key.lowercased()
      guard name.hasSuffix(".json") || name.hasSuffix(".jsonl") || name.hasSuffix(".gz"),
        let file = try await objects.file(address, of: project, copyInto: folder)
      else { continue }
      defer { Self.forget(file, in: folder) }
      // A file is read from its beginning for each batch, and charged once.
      var (line, charged): (Int?, Int) = (0, 0)
      while let start = line {
        let most = limit + 1 - outcome.rows
        let allowance = budget + charged
        let found = await Offload.run { scan(file, from: start, most: most, budget: allowance) }
        (budget, charged) = (found.budget, allowance - found.budget)
        guard budget >= 0 else {
          throw APIFailure(
            .invalid,
            "the logs below \(source.address) come to more than \(self.budget >> 20) MB; name a narrower address"
          )
        }
        outcome.passedOver.add(found.passedOver)
        var rows: [String] = []
        for item in found.items {
          switch item {
          case .row(let row): rows.append(row)
          case .apart(let record):
            do {
              rows.append(try await row(record, &budget, objects, project, folder).serialised())
            } catch let skipped as PassedOver { outcome.passedOver.add(skipped) }
          }
        }
        try await append(rows, to: path)
        outcome.rows += rows.count
        if outcome.rows > limit { return outcome }
        line = found.next
      }
    }
    return outcome
  }

  // MARK: One file

  private enum Item: Sendable {
    /// A row as it is written.
    case row(String)
    /// A record with bodies in objects of their own.
    case apart(JSONValue)
  }

  private struct Scan: Sendable {
    var items: [Item] = []
    var passedOver = PassedOverCounts()
    var budget: Int
    /// The line to go on from; nil at the end of the file.
    var next: Int?
  }

  /// Of lines that are taken in one go.
  private static let batchBytes = 64 << 20

  /// Lines that are no records are passed over in silence, as a bucket may hold other files too.
  private func scan(_ path: String, from start: Int, most: Int, budget: Int) -> Scan {
    var scan = Scan(budget: budget)
    var (number, bytes) = (0, 0)
    LogLines.read(path, budget: &scan.budget) { line in
      number += 1
      guard number > start else { return true }
      guard let line else {
        scan.passedOver.add(PassedOver(.tooLong))
        return true
      }
      bytes += line.count
      if let record = try? JSONValue(parsing: line) {
        do throws(PassedOver) {
          if let item = try item(record) { scan.items.append(item) }
        } catch { scan.passedOver.add(error) }
      }
      guard scan.items.count >= most || bytes >= Self.batchBytes else { return true }
      scan.next = number
      return false
    }
    return scan
  }

  /// nil for what is no record, or not wanted.
  private func item(_ record: JSONValue) throws(PassedOver) -> Item? {
    guard record["schemaType"]?.string == "ModelInvocationLog", passes(record) else { return nil }
    guard record["errorCode"] == nil else { throw PassedOver(.failed) }
    let input = record["input"]?["inputBodyJson"]
    let output = record["output"]?["outputBodyJson"]
    let isApart = source.usesResponse && output == nil && record["output"]?["outputBodyS3Path"] != nil
    guard let input, !isApart else { return .apart(record) }
    return .row(try row(record, input, output).serialised())
  }

  private func passes(_ record: JSONValue) -> Bool {
    guard let filter = source.filter else { return true }
    let metadata = record["requestMetadata"]?.object?.members ?? []
    return filter.passes(
      Dictionary(metadata.map { ($0.key, $0.value.string ?? $0.value.serialised()) }) { $1 })
  }

  private func append(_ rows: [String], to path: String) async throws {
    let isWritten = await Offload.run {
      do {
        if !FileManager.default.fileExists(atPath: path) {
          try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
          guard FileManager.default.createFile(atPath: path, contents: nil) else { return false }
        }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        for row in rows { try file.write(contentsOf: Data((row + "\n").utf8)) }
        return true
      } catch { return false }
    }
    guard isWritten else { throw APIFailure(.unavailable, "the converted rows cannot be written") }
  }

  /// Removes the copy of an object; a file of somebody's own stays.
  private static func forget(_ file: String, in folder: String) {
    if file.hasPrefix(folder + "/") { try? FileManager.default.removeItem(atPath: file) }
  }

  // MARK: One record

  /// A row with bodies from objects of their own. Throws `PassedOver` beside what the storage throws.
  private func row(
    _ record: JSONValue, _ budget: inout Int, _ objects: ObjectAccess, _ project: Project, _ folder: String
  ) async throws -> JSONValue {
    func body(_ side: String) async throws -> JSONValue? {
      if let body = record[side]?["\(side)BodyJson"] { return body }
      guard let address = record[side]?["\(side)BodyS3Path"]?.string.flatMap(S3Address.init) else {
        return nil
      }
      guard let path = try await objects.file(address, of: project, copyInto: folder) else {
        throw PassedOver(.missing, address.description)
      }
      defer { Self.forget(path, in: folder) }
      let (value, rest) = await Offload.run { [budget] in Self.body(in: path, budget) }
      budget = rest
      return value
    }
    guard let input = try await body("input") else { throw PassedOver(.noConversation) }
    return try row(record, input, source.usesResponse ? try await body("output") : nil)
  }

  private static func body(in path: String, _ budget: Int) -> (JSONValue?, Int) {
    var (value, rest): (JSONValue?, Int) = (nil, budget)
    LogLines.read(path, budget: &rest) { line in
      value = line.flatMap { try? JSONValue(parsing: $0) }
      return false
    }
    return (value, rest)
  }

  func row(_ record: JSONValue, _ input: JSONValue, _ output: JSONValue?) throws(PassedOver) -> JSONValue {
    let conversation = try LoggedConversation(input)
    var row = JSONObject()
    if let id = record["requestId"]?.string, !id.isEmpty { row["id"] = .string(id) }
    row["messages"] = .array(conversation.messages.map(\.json))
    if !conversation.tools.isEmpty { row["tools"] = .array(conversation.tools) }
    if source.usesResponse {
      guard let text = output.flatMap(LoggedConversation.answer), !text.isEmpty else {
        throw PassedOver(.noAnswer)
      }
      row["reference_answer"] = .string(text)
    }
    if let metadata = record["requestMetadata"]?.object, !metadata.isEmpty {
      row["request_metadata"] = .object(metadata)
    }
    return .object(row)
  }
}
