internal import Foundation
internal import Records
internal import Store

/// Makes training rows of invocation logs: ours, and those that Bedrock has written, packed or not.
struct InvocationLogReader: Sendable {
  let source: InvocationSource
  /// Most rows; what is beyond them is not read.
  let limit: Int

  func rows(_ objects: ObjectAccess, _ project: Project, _ folder: String) async throws -> [JSONValue] {
    var rows: [JSONValue] = []
    for address in try await objects.objects(below: source.address, of: project) {
      let name = address.key.lowercased()
      guard name.hasSuffix(".json") || name.hasSuffix(".jsonl") || name.hasSuffix(".gz"),
        let path = try await objects.file(address, of: project, copyInto: folder)
      else { continue }
      let records = await Offload.run { Self.records(in: path) }
      for record in records where passes(record) {
        guard let input = try await body("input", of: record, objects, project, folder),
          let row = row(record, input, try await body("output", of: record, objects, project, folder))
        else { continue }
        rows.append(row)
        if rows.count > limit { return rows }
      }
    }
    return rows
  }

  /// The JSON lines of a file; lines that are none are passed over, as a bucket may hold other files too.
  static func records(in path: String) -> [JSONValue] {
    guard let bytes = FileManager.default.contents(atPath: path), let text = Gzip.unpacked(Array(bytes))
    else {
      return []
    }
    return text.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(parsing: Array($0)) }
  }

  func passes(_ record: JSONValue) -> Bool {
    guard record["schemaType"]?.string == "ModelInvocationLog", record["errorCode"] == nil else {
      return false
    }
    guard let filter = source.filter else { return true }
    let metadata = record["requestMetadata"]?.object?.members ?? []
    return filter.passes(
      Dictionary(metadata.map { ($0.key, $0.value.string ?? $0.value.serialised()) }) { $1 })
  }

  /// A body that stands in the record, or, being large, in an object of its own.
  private func body(
    _ side: String, of record: JSONValue, _ objects: ObjectAccess, _ project: Project, _ folder: String
  ) async throws -> JSONValue? {
    if let body = record[side]?["\(side)BodyJson"] { return body }
    guard let address = record[side]?["\(side)BodyS3Path"]?.string.flatMap(S3Address.init),
      let path = try await objects.file(address, of: project, copyInto: folder)
    else { return nil }
    return await Offload.run { Self.records(in: path).first }
  }

  /// nil for what is no conversation that ends with something to answer.
  func row(_ record: JSONValue, _ input: JSONValue, _ output: JSONValue?) -> JSONValue? {
    guard let conversation = LoggedConversation(input) else { return nil }
    var row = JSONObject()
    if let id = record["requestId"]?.string, !id.isEmpty { row["id"] = .string(id) }
    row["messages"] = .array(conversation.messages.map(\.json))
    if !conversation.tools.isEmpty { row["tools"] = .array(conversation.tools) }
    if source.usesResponse {
      guard let text = output.flatMap(LoggedConversation.answer), !text.isEmpty else { return nil }
      row["reference_answer"] = .string(text)
    }
    if let metadata = record["requestMetadata"]?.object, !metadata.isEmpty {
      row["request_metadata"] = .object(metadata)
    }
    return .object(row)
  }
}
