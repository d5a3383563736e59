import Foundation
import Records

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Speaks to a service in the shape of OpenAI's API: ours, or any other one.
struct ServiceClient: Sendable {
  let base: URL
  let key: String?
  /// How long a service that cannot be reached, or answers with an error of its own, is asked again.
  var patience = Duration.zero

  /// What a service answered that was no success.
  struct Refusal: Error {
    let status: Int
    let message: String
    let param: String?
  }

  enum Method: String {
    case get = "GET"
    case post = "POST"
    case delete = "DELETE"
  }

  /// Asks for JSON.
  func json(
    _ method: Method, _ path: String, query: [String: String] = [:], body: JSONValue? = nil
  ) async throws(CommandFailure) -> JSONObject {
    var request = request(method, path, query: query)
    if let body {
      request.httpBody = Data(body.serialised().utf8)
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    }
    let data = try await send(request)
    do {
      guard let object = try JSONValue(parsing: Array(data)).object else { throw Unreadable() }
      return object
    } catch {
      throw CommandFailure(
        "\(base) answered \(path) with something that is no JSON object; is it a service of this API?")
    }
  }

  /// All items of a list, page by page, at most `limit`.
  func list(_ path: String, query: [String: String] = [:], limit: Int) async throws(CommandFailure)
    -> [JSONObject]
  {
    var items: [JSONObject] = []
    var after: String?
    while items.count < limit {
      var query = query
      query["limit"] = String(min(100, limit - items.count))
      query["after"] = after
      let page = try await json(.get, path, query: query)
      let data = page["data"]?.array?.compactMap(\.object) ?? []
      items += data
      guard page["has_more"]?.bool == true, let last = data.last?["id"]?.string else { break }
      after = last
    }
    return items
  }

  /// Sends a file of any size: the multipart body is made on disk, not in memory.
  func upload(_ path: String, purpose: String) async throws(CommandFailure) -> JSONObject {
    let name = URL(filePath: path).lastPathComponent
    let boundary = "operant-\(UUID().uuidString)"
    let body = FileManager.default.temporaryDirectory.appending(path: boundary)
    defer { try? FileManager.default.removeItem(at: body) }
    do {
      let source = try FileHandle(forReadingFrom: URL(filePath: path))
      defer { try? source.close() }
      _ = FileManager.default.createFile(
        atPath: body.path, contents: nil, attributes: [.posixPermissions: 0o600])
      let sink = try FileHandle(forWritingTo: body)
      defer { try? sink.close() }
      let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "%22")
      try sink.write(
        contentsOf: Data(
          """
          --\(boundary)\r
          Content-Disposition: form-data; name="purpose"\r
          \r
          \(purpose)\r
          --\(boundary)\r
          Content-Disposition: form-data; name="file"; filename="\(quoted)"\r
          Content-Type: application/octet-stream\r
          \r

          """.utf8))
      while let piece = try source.read(upToCount: 1 << 20), !piece.isEmpty {
        try sink.write(contentsOf: piece)
      }
      try sink.write(contentsOf: Data("\r\n--\(boundary)--\r\n".utf8))
    } catch {
      throw .usage("\(path) cannot be read: \(error.localizedDescription)")
    }
    var request = request(.post, "files")
    request.setValue("multipart/form-data; boundary=\(boundary)", forHTTPHeaderField: "Content-Type")
    let data: Data
    do {
      let (answer, response) = try await URLSession.shared.upload(for: request, fromFile: body)
      data = try check(answer, response)
    } catch { throw failure(error) }
    guard let object = (try? JSONValue(parsing: Array(data)))?.object else {
      throw CommandFailure("\(base) answered the upload with something that is no JSON object")
    }
    return object
  }

  /// The bytes of a path.
  func bytes(_ path: String) async throws(CommandFailure) -> Data { try await send(request(.get, path)) }

  /// A request with the key; `path` is below the base.
  func request(_ method: Method, _ path: String, query: [String: String] = [:]) -> URLRequest {
    var url = base.appending(path: path)
    if !query.isEmpty {
      url.append(
        queryItems: query.sorted { $0.key < $1.key }.map { URLQueryItem(name: $0.key, value: $0.value) })
    }
    var request = URLRequest(url: url, timeoutInterval: 600)
    request.httpMethod = method.rawValue
    if let key { request.setValue("Bearer \(key)", forHTTPHeaderField: "Authorization") }
    return request
  }

  private struct Unreadable: Error {}

  private func send(_ request: URLRequest) async throws(CommandFailure) -> Data {
    let end = ContinuousClock.now + patience
    while true {
      do {
        let (data, response) = try await URLSession.shared.data(for: request)
        return try check(data, response)
      } catch {
        guard Self.isPassing(error), ContinuousClock.now < end else { throw failure(error) }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  private static func isPassing(_ error: any Error) -> Bool {
    (error as? Refusal).map { $0.status >= 500 } ?? (error is URLError)
  }

  private func check(_ data: Data, _ response: URLResponse) throws -> Data {
    guard let status = (response as? HTTPURLResponse)?.statusCode else { throw Unreadable() }
    guard !(200..<300).contains(status) else { return data }
    let error = (try? JSONValue(parsing: Array(data)))?.object?["error"]?.object
    throw Refusal(
      status: status, message: error?["message"]?.string ?? "the service answered with status \(status)",
      param: error?["param"]?.string)
  }

  /// What went wrong, as a sentence; what the service refuses as wrong is usage.
  func failure(_ error: any Error) -> CommandFailure {
    guard let refusal = error as? Refusal else {
      return CommandFailure(
        "\(base.absoluteString) cannot be reached: \(error.localizedDescription); is the service running? (operant serve)"
      )
    }
    switch refusal.status {
    case 401:
      return .usage("\(refusal.message) Set OPERANT_API_KEY, or name a file with --key-file.")
    case 400, 404, 413, 422: return .usage(refusal.message)
    default: return CommandFailure(refusal.message)
    }
  }
}
