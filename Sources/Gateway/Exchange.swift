internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import Store

/// A request while it is answered, and what is to be said of it afterwards.
struct Exchange: Sendable {
  let path: String
  let context: APIContext
  let start: ContinuousClock.Instant
  let turn: ServingState.Turn
  var caller: Caller?
  var verdict: RateLimiter.Verdict?
  var failure: APIFailure?
  private let request: Request

  init(request: Request, context: APIContext, start: ContinuousClock.Instant, turn: ServingState.Turn) {
    self.request = request
    self.context = context
    self.start = start
    self.turn = turn
    path = request.uri.path
  }

  /// As a label: methods that nobody knows are one.
  var method: String {
    let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
    return known.contains(request.method) ? request.method.rawValue : "other"
  }

  /// One line for each request: never a body, a query or a header's text but the client's own id.
  func log(_ status: HTTPResponse.Status, seconds: Double, bytes: Int, cutOff: Bool) {
    let isProbe = ["/healthz", "/readyz", "/metrics"].contains(path)
    let level: Logger.Level = isProbe && status.code < 500 ? .debug : .info
    guard context.logger.logLevel <= level else { return }
    var metadata: Logger.Metadata = [
      "method": "\(method)", "path": "\(path.prefix(300))", "status": "\(status.code)",
      "ms": "\(Int((seconds * 1000).rounded()))", "bytes": "\(bytes)",
    ]
    if let caller {
      metadata["project"] = "\(caller.project.id)"
      if let key = caller.key { metadata["key"] = "\(key.id)" }
    }
    if let address = context.remoteAddress?.ipAddress { metadata["from"] = "\(address)" }
    if let failure { metadata["failure"] = "\(failure.message.prefix(300))" }
    if cutOff { metadata["cut_off"] = "true" }
    if let own = request.headers[Self.clientRequestID], Self.isSane(own) {
      metadata["client_request_id"] = "\(own)"
    }
    context.logger.log(level: level, "request", metadata: metadata)
  }

  private static let clientRequestID = HTTPField.Name("x-request-id")!

  private static func isSane(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 32 && $0 < 127 }
  }
}
