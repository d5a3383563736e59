import Foundation
import Records

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Plain HTTP requests to a server of a test.
struct TestClient: Sendable {
  struct Answer: Sendable {
    var status: Int
    var headers: [String: String]
    var bytes: [UInt8]
    var json: JSONValue { (try? JSONValue(parsing: bytes)) ?? .null }
    var text: String { String(decoding: bytes, as: UTF8.self) }
    var error: JSONValue { json["error"] ?? .null }
    var message: String { error["message"]?.string ?? "" }
  }

  let port: Int
  var key: String

  var base: String { "http://127.0.0.1:\(port)" }

  func with(key: String) -> TestClient { TestClient(port: port, key: key) }

  func get(_ path: String) async throws -> Answer { try await send("GET", path) }
  func delete(_ path: String) async throws -> Answer { try await send("DELETE", path) }
  func post(_ path: String, _ body: JSONValue? = nil) async throws -> Answer {
    try await send("POST", path, body: body.map { Array($0.serialised().utf8) }, type: "application/json")
  }
  func post(_ path: String, _ body: JSONValue, headers: [String: String]) async throws -> Answer {
    try await send(
      "POST", path, body: Array(body.serialised().utf8), type: "application/json", headers: headers)
  }

  /// A form: plain fields, and files with a name.
  func post(
    _ path: String, fields: [(String, String)] = [],
    files: [(name: String, filename: String, bytes: [UInt8])] = []
  ) async throws -> Answer {
    var body: [UInt8] = []
    for (name, value) in fields {
      body += Array("--xyz\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)\r\n".utf8)
    }
    for file in files {
      body += Array(
        "--xyz\r\nContent-Disposition: form-data; name=\"\(file.name)\"; filename=\"\(file.filename)\"\r\nContent-Type: application/octet-stream\r\n\r\n"
          .utf8)
      body += file.bytes + Array("\r\n".utf8)
    }
    body += Array("--xyz--\r\n".utf8)
    return try await send("POST", path, body: body, type: "multipart/form-data; boundary=xyz")
  }

  func send(
    _ method: String, _ path: String, body: [UInt8]? = nil, type: String? = nil,
    headers: [String: String] = [:]
  ) async throws -> Answer {
    var request = URLRequest(url: try url(path))
    request.httpMethod = method
    request.timeoutInterval = 600
    request.setValue("Bearer \(key)", forHTTPHeaderField: "authorization")
    if let type { request.setValue(type, forHTTPHeaderField: "content-type") }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    if let body { request.httpBody = Data(body) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = response as? HTTPURLResponse
    let headers = Dictionary(
      (http?.allHeaderFields ?? [:]).map { ("\($0.key)".lowercased(), "\($0.value)") }
    ) { $1 }
    return Answer(status: http?.statusCode ?? 0, headers: headers, bytes: Array(data))
  }

  private func url(_ path: String) throws -> URL {
    guard let url = URL(string: base + path) else { throw URLError(.badURL) }
    return url
  }
}
