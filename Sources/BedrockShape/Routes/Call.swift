internal import Gateway
internal import Hummingbird
internal import Inference
internal import Jobs
internal import Records
internal import Store

/// A request as a handler sees it: who asks, from where, for what.
struct Call: Sendable {
  let request: Request
  let caller: Caller
  let scope: AccountScope
  let requestID: String
  /// What the path names, decoded; empty where it names nothing.
  let identifier: String

  var project: Project { caller.project }
  var query: WireQuery { WireQuery(request.uri.query ?? "") }

  /// Writes down a change.
  func audit(_ store: Store, _ action: String, _ subject: String) async throws {
    try await store.record(auditEntry(action, subject))
  }

  func auditEntry(_ action: String, _ subject: String) -> AuditEntry {
    AuditEntry(
      projectID: project.id, keyID: caller.key?.id, requestID: requestID, action: action, subject: subject)
  }

  /// The body, its problems collected by the reader.
  func body() async throws -> WireReader { WireReader(try await request.jsonObject()) }
}

extension Bedrock {
  typealias Handler = @Sendable (Call) async throws -> Response

  /// Routes without a name in their path.
  func on(
    _ router: Router<APIContext>, _ method: HTTPRequest.Method, _ path: String, _ scope: KeyScope,
    _ handler: @escaping Handler
  ) {
    add(router, method, path, scope) { _ in
      ""
    } handler: {
      try await handler($0)
    }
  }

  /// Routes with a name or an ARN in their path, between a beginning and an end. Clients encode an ARN's slashes, but
  /// not all do, so that it is taken in as many segments as it has, too.
  func on(
    _ router: Router<APIContext>, _ method: HTTPRequest.Method, _ start: String, name: String,
    segments: ClosedRange<Int>, end: String = "", _ scope: KeyScope, _ handler: @escaping Handler
  ) {
    for count in segments {
      let further = ["/{kind}", "/{id}"].prefix(count - 1).joined()
      add(router, method, "\(start)/{\(name)}\(further)\(end)", scope) { path in
        try Self.identifier(in: path, after: start + "/", before: end)
      } handler: {
        try await handler($0)
      }
    }
  }

  private func add(
    _ router: Router<APIContext>, _ method: HTTPRequest.Method, _ path: String, _ scope: KeyScope,
    identifier: @Sendable @escaping (String) throws -> String, handler: @escaping Handler
  ) {
    router.on(RouterPath(path), method: method) { [settings] request, context in
      let call = Call(
        request: request, caller: try context.caller(for: scope),
        scope: AccountScope(settings, authorization: request.headers[.authorization]),
        requestID: context.requestID, identifier: try identifier(request.uri.path))
      do {
        // A model's time is not for those who have gone.
        if scope == .inference { return try await context.whileClientStays { try await handler(call) } }
        return try await handler(call)
      } catch { throw Self.failure(error) }
    }
  }

  static func identifier(in path: String, after start: String, before end: String) throws -> String {
    var text = path[...]
    if text.hasPrefix(start) { text = text.dropFirst(start.count) }
    if text.hasSuffix("/") { text = text.dropLast() }
    if !end.isEmpty, text.hasSuffix(end) { text = text.dropLast(end.count) }
    guard let name = PercentEncoding.decoded(text), !name.isEmpty, name.utf8.count <= 2048 else {
      throw APIFailure(.invalid, "the name in the path is empty, too long or not UTF-8")
    }
    return name
  }

  /// What goes wrong behind the handlers, in the API's terms.
  static func failure(_ error: any Error) -> any Error {
    switch error {
    case let failure as JobFailure:
      return switch failure.kind {
      case .missing: APIFailure(.missing, failure.message)
      case .invalid(let param, _): APIFailure(.invalid, failure.message, param: param)
      case .state, .nameTaken: APIFailure(.conflict, failure.message)
      case .quota: APIFailure(.quota, failure.message)
      case .unusable: APIFailure(.unavailable, failure.message, retryAfter: 5)
      }
    case let failure as InferenceError:
      return switch failure.kind {
      case .invalid(let param): APIFailure(.invalid, failure.message, param: param)
      case .contextLength: APIFailure(.invalid, failure.message)
      case .unknownModel: APIFailure(.missing, failure.message)
      case .overloaded(let seconds): APIFailure(.throttled, failure.message, retryAfter: seconds)
      case .failed: APIFailure(.unavailable, failure.message, retryAfter: failure.retryAfter ?? 5)
      }
    case let failure as StoreError where failure.kind == .conflict:
      return APIFailure(.conflict, failure.message)
    case let failure as StoreError where failure.kind == .missing:
      // Only the position of a list is looked for by id.
      return APIFailure(.invalid, "the nextToken leads nowhere any more; begin again without one")
    default: return error
    }
  }
}
