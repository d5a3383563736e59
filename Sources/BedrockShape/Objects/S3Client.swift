internal import Foundation
internal import Gateway
internal import Store

#if canImport(FoundationNetworking)
  internal import FoundationNetworking
#endif

/// A store that speaks S3: GET, PUT and ListObjectsV2, signed, with the bucket in the path.
package struct S3Client: ObjectStorage {
  private let endpoint: S3Endpoint
  private let host: String
  private let session: URLSession

  /// Throws `ObjectFailure` where the endpoint's address is none.
  package init(_ endpoint: S3Endpoint) throws(ObjectFailure) {
    guard let url = URL(string: endpoint.url), let scheme = url.scheme, ["http", "https"].contains(scheme),
      let name = url.host, url.path.isEmpty || url.path == "/"
    else {
      throw ObjectFailure(
        "the S3 endpoint must be like https://s3.example.org or http://127.0.0.1:9000, got '\(endpoint.url)'")
    }
    self.endpoint = endpoint
    host = url.port.map { "\(name):\($0)" } ?? name
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = 60
    configuration.timeoutIntervalForResource = 900
    session = URLSession(configuration: configuration)
  }

  package func file(_ address: S3Address, copyInto folder: String) async throws(ObjectFailure) -> String? {
    let request = request("GET", address, payload: Self.emptyHash)
    let answer = try await reply(to: request, about: address) {
      [session] (done: @escaping Completion<String>) in
      session.downloadTask(with: request) { file, response, error in
        let copy = "\(folder)/\(UUID().uuidString)-\(address.key.split(separator: "/").last ?? "object")"
        if let file {
          try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
          // The session deletes its own file when this returns.
          do { try FileManager.default.moveItem(atPath: file.path, toPath: copy) } catch {
            return done(.failure(ObjectFailure("\(copy) cannot be written: \(error.localizedDescription)")))
          }
        }
        done(Self.answer(response, error, copy))
      }
    }
    if answer.status == 200 { return answer.value }
    let said = (try? String(contentsOfFile: answer.value, encoding: .utf8)) ?? ""
    try? FileManager.default.removeItem(atPath: answer.value)
    if answer.status == 404 { return nil }
    throw Self.refusal(answer.status, said, address)
  }

  package func put(_ path: String, at address: S3Address) async throws(ObjectFailure) {
    let hash = await Offload.run {
      (try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)).map {
        Digest.hex(Digest.sha256($0))
      }
    }
    guard let hash else { throw ObjectFailure("\(path) cannot be read") }
    let request = request("PUT", address, payload: hash)
    let answer = try await reply(to: request, about: address) {
      [session] (done: @escaping Completion<Data>) in
      session.uploadTask(with: request, fromFile: URL(filePath: path)) { data, response, error in
        done(Self.answer(response, error, data ?? Data()))
      }
    }
    guard (200...299).contains(answer.status) else {
      throw Self.refusal(answer.status, String(decoding: answer.value, as: UTF8.self), address)
    }
  }

  package func objects(below address: S3Address) async throws(ObjectFailure) -> [S3Address] {
    var found: [S3Address] = []
    var continuation: String?
    repeat {
      var query = "encoding-type=url&list-type=2&prefix=\(PercentEncoding.encoded(address.key))"
      if let continuation { query += "&continuation-token=\(PercentEncoding.encoded(continuation))" }
      let request = request(
        "GET", S3Address(bucket: address.bucket, key: ""), query: query, payload: Self.emptyHash)
      let answer = try await reply(to: request, about: address) {
        [session] (done: @escaping Completion<Data>) in
        session.dataTask(with: request) { data, response, error in
          done(Self.answer(response, error, data ?? Data()))
        }
      }
      let text = String(decoding: answer.value, as: UTF8.self)
      if answer.status == 404 { return [] }
      guard answer.status == 200 else { throw Self.refusal(answer.status, text, address) }
      let list = S3List(text)
      found += list.keys.map { S3Address(bucket: address.bucket, key: $0) }
      continuation = list.continuation
    } while continuation != nil
    return found.sorted { $0.key < $1.key }
  }

  // MARK: One request

  private struct Answer<Value: Sendable>: Sendable {
    var status: Int
    var value: Value
  }

  private typealias Completion<Value: Sendable> = @Sendable (Result<Answer<Value>, ObjectFailure>) -> Void

  private static let emptyHash = Digest.hex(Digest.sha256([]))

  private func request(_ method: String, _ address: S3Address, query: String = "", payload: String)
    -> URLRequest
  {
    let path = "/\(address.bucket)/\(PercentEncoding.encoded(address.key, keeping: "/"))"
    let signer = RequestSigner(
      accessKeyID: endpoint.accessKeyID, secret: endpoint.secretAccessKey, region: endpoint.region,
      service: "s3", pathRule: .asSent)
    let signed = SignableRequest(method: method, path: path, query: query, fields: [.init("host", host)])
    let base = endpoint.url.hasSuffix("/") ? String(endpoint.url.dropLast()) : endpoint.url
    guard let url = URL(string: base + path + (query.isEmpty ? "" : "?\(query)")) else {
      preconditionFailure("an encoded path makes a URL")
    }
    var request = URLRequest(url: url)
    request.httpMethod = method
    for field in signer.fields(for: signed, payload: payload) {
      request.setValue(field.value, forHTTPHeaderField: field.name)
    }
    return request
  }

  private static func answer<Value: Sendable>(
    _ response: URLResponse?, _ error: (any Error)?, _ value: Value
  ) -> Result<Answer<Value>, ObjectFailure> {
    if let error { return .failure(ObjectFailure(error.localizedDescription)) }
    guard let status = (response as? HTTPURLResponse)?.statusCode else {
      return .failure(ObjectFailure("no HTTP answer"))
    }
    return .success(Answer(status: status, value: value))
  }

  /// Up to three tries where no answer or a 5xx came.
  private func reply<Value: Sendable>(
    to request: URLRequest, about address: S3Address,
    _ task: @Sendable (@escaping Completion<Value>) -> URLSessionTask
  ) async throws(ObjectFailure) -> Answer<Value> {
    var problem = ""
    for attempt in 0..<3 {
      if attempt > 0 { try? await Task.sleep(for: .milliseconds(200 << attempt)) }
      let result = await withCheckedContinuation { done in task { done.resume(returning: $0) }.resume() }
      switch result {
      case .success(let answer) where answer.status < 500 || attempt == 2: return answer
      case .success(let answer): problem = "HTTP \(answer.status)"
      case .failure(let failure): problem = failure.message
      }
    }
    throw ObjectFailure("\(address) cannot be reached at \(endpoint.url): \(problem)")
  }

  private static func refusal(_ status: Int, _ body: String, _ address: S3Address) -> ObjectFailure {
    let code = S3List.text(of: "Code", in: body).map { " (\($0))" } ?? ""
    return ObjectFailure("the S3 endpoint answered \(status)\(code) for \(address)")
  }
}
