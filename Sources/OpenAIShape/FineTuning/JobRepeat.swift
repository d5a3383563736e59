import Gateway
import HTTPTypes
import Hummingbird
import Records
import Store

/// Whether a request for a job was made before. Clients that hear no answer in time ask again, and would be left with a job
/// for every time.
struct JobRepeat: Sendable {
  /// The client's own name for the request; the same name is the same job, for ever.
  private let token: RequestToken?
  /// Whether the client says that it asks again.
  private let isRetry: Bool
  private let body: JSONValue
  private let projectID: String
  /// Requests of the same name are let through one after the other.
  let turn: String

  private static let key = HTTPField.Name("idempotency-key")!
  private static let retryCount = HTTPField.Name("x-stainless-retry-count")!
  /// Seconds that a client may wait for an answer before it asks again.
  private static let memory = 900
  private static let longestKey = 255

  /// - Parameter subject: the id of the job that is made where there is none.
  init(_ request: Request, _ body: JSONObject, _ projectID: String, subject: String) throws(APIFailure) {
    self.body = .object(body)
    self.projectID = projectID
    isRetry = (request.headers[Self.retryCount].flatMap { Int($0) } ?? 0) > 0
    let digest = Digest.hex(Digest.sha256(Array(self.body.serialised().utf8)))
    guard let key = request.headers[Self.key] else {
      token = nil
      turn = "\(projectID) \(digest)"
      return
    }
    guard (1...Self.longestKey).contains(key.utf8.count) else {
      throw APIFailure(
        .invalid, "Idempotency-Key has \(key.utf8.count) bytes; expected 1 to \(Self.longestKey)")
    }
    token = RequestToken(
      projectID: projectID, operation: "fine_tuning.jobs.create", token: key, fingerprint: digest,
      subject: subject)
    turn = "\(projectID) key \(key)"
  }

  /// The job that the same request has made; nil for a new one.
  ///
  /// - Parameter wasRefused: whether the try before this one was answered, with a failure.
  func job(in store: Store, wasRefused: Bool) async throws -> Job? {
    if let token {
      guard let known = try await known(token, store) else { return nil }
      return try await store.job(known.subject, projectID: projectID)
    }
    guard isRetry, !wasRefused else { return nil }
    let newest = try await store.jobs(projectID: projectID, shape: .openai, PageRequest(limit: 50))
    let earliest = UnixTime.now - Self.memory
    return newest.items.first { $0.createdAt >= earliest && $0.request.value == body }
  }

  /// Makes a job under the request's name: `submit` is given its id. Should the service end in between, the next request of
  /// that name makes it under the same id.
  func make(in store: Store, id: String, _ submit: (String) async throws -> Job) async throws -> Job {
    guard let token else { return try await submit(id) }
    guard case .repeated(let subject) = try await store.reserve(token) else {
      do { return try await submit(id) } catch {
        try await store.release(token)
        throw error
      }
    }
    return try await submit(subject)
  }

  private func known(_ token: RequestToken, _ store: Store) async throws -> RequestToken? {
    do throws(StoreError) { return try await store.known(token) } catch {
      guard error.kind == .conflict else { throw error }
      throw APIFailure(
        .invalid, "this Idempotency-Key came with another request before; take another key",
        code: "idempotency_key_in_use")
    }
  }
}
