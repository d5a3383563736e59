internal import HTTPTypes
package import Hummingbird
internal import Logging
internal import NIOCore
internal import Store

/// What every request passes through, in this order: an id, its size and shape, who asks, how often, the route, and
/// whatever goes wrong put into the words of the API that was asked. Then the log and the figures.
package struct Gateway: HTTPResponder {
  package typealias Context = APIContext

  private let router: RouterResponder<APIContext>
  package let routes: RouteTable
  private let authenticator: Authenticator
  private let limits: GatewayLimits
  private let limiter = RateLimiter()
  private let metrics: MetricsRegistry
  private let state: ServingState
  /// Paths that answer everybody.
  private let openPaths: Set<String>

  /// - Parameter router: with all its routes; what is added afterwards is not seen.
  package init(
    router: Router<APIContext>, authenticator: Authenticator, limits: GatewayLimits = GatewayLimits(),
    metrics: MetricsRegistry = MetricsRegistry(), state: ServingState = ServingState(),
    openPaths: Set<String> = []
  ) {
    routes = RouteTable(router)
    self.router = router.buildResponder()
    self.authenticator = authenticator
    self.limits = limits
    self.metrics = metrics
    self.state = state
    self.openPaths = openPaths
  }

  package func respond(to request: Request, context: APIContext) async throws -> Response {
    let start = ContinuousClock.now
    var exchange = Exchange(
      request: request, context: context, start: start, turn: state.begin(context.channel))
    var response: Response
    do {
      response = try await answer(request, context, &exchange)
    } catch {
      response = rendered(error, request, context, &exchange)
    }
    response.headers[Self.requestID] = context.requestID
    if Dialect(request) == .aws { response.headers[Self.amazonRequestID] = context.requestID }
    if let verdict = exchange.verdict { Self.tell(verdict, in: &response.headers) }
    if state.isDraining { response.headers[.connection] = "close" }
    return finished(response, exchange)
  }

  // MARK: The way through

  private func answer(_ request: Request, _ context: APIContext, _ exchange: inout Exchange) async throws
    -> Response
  {
    try checkShape(request)
    let path = request.uri.path
    if request.method == .options { return try options(path) }
    if state.isDraining, !openPaths.contains(path) {
      throw APIFailure(.unavailable, "the service is being stopped; try again in a moment", retryAfter: 5)
    }
    var context = context
    var request = request
    let isOpen = openPaths.contains(path)
    do {
      context.caller = try await authenticator.caller(of: &request)
    } catch  where isOpen {
      // Whoever needs no key is not turned away for one that does not hold.
      context.logger.debug("a key that does not hold was sent where none is needed")
    }
    exchange.caller = context.caller
    if context.caller == nil, !isOpen {
      throw APIFailure(.unauthenticated, "no API key was given; send one as a bearer token")
    }
    if let caller = context.caller, let key = caller.key, !isOpen,
      let limit = key.requestsPerMinute ?? limits.requestsPerMinute
    {
      let verdict = limiter.take(key.id, perMinute: limit)
      exchange.verdict = verdict
      if let seconds = verdict.retryAfter {
        throw APIFailure(
          .throttled, "this key may send \(limit) requests a minute, and has; wait a little",
          retryAfter: Int(seconds.rounded(.up)))
      }
    }
    return try await routed(request, context)
  }

  private func routed(_ request: Request, _ context: APIContext) async throws -> Response {
    let path = request.uri.path
    let methods = routes.methods(of: path)
    if request.method == .head, methods.contains(.get) {
      var head = request.head
      head.method = .get
      let response = try await router.respond(to: Request(head: head, body: request.body), context: context)
      return response.createHeadResponse()
    }
    if methods.isEmpty { throw APIFailure(.missing, "there is nothing at \(path.prefix(200))") }
    guard methods.contains(request.method) else {
      var response = Dialect(request).response(
        APIFailure(
          .methodNotAllowed,
          "\(request.method.rawValue.prefix(20)) is not possible at \(path.prefix(200)); possible are "
            + Self.list(methods)))
      response.headers[.allow] = Self.list(methods)
      return response
    }
    return try await router.respond(to: request, context: context)
  }

  private func checkShape(_ request: Request) throws {
    if (request.head.path ?? "").utf8.count > limits.urlBytes {
      throw APIFailure(.invalid, "the URL is longer than \(limits.urlBytes) bytes")
    }
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes {
      throw APIFailure(.tooLarge, "the body is larger than \(limits.bodyBytes) bytes")
    }
    // Nothing is unpacked, so nothing can be packed to burst.
    if let encoding = request.headers[.contentEncoding], encoding.lowercased() != "identity",
      !encoding.lowercased().contains("aws-chunked")
    {
      throw APIFailure(
        .unsupportedMediaType,
        "bodies with the content-encoding \(encoding.prefix(40)) are not read; send plain ones")
    }
  }

  private func options(_ path: String) throws -> Response {
    let methods = routes.methods(of: path)
    if methods.isEmpty { throw APIFailure(.missing, "there is nothing at \(path.prefix(200))") }
    return Response(status: .noContent, headers: [.allow: Self.list(methods + [.options])])
  }

  private static func list(_ methods: [HTTPRequest.Method]) -> String {
    methods.map(\.rawValue).sorted().joined(separator: ", ")
  }

  // MARK: Afterwards

  private func rendered(
    _ error: any Error, _ request: Request, _ context: APIContext, _ exchange: inout Exchange
  ) -> Response {
    let failure = APIFailure(error)
    if APIFailure.isDisconnect(error) {
      context.logger.debug("the client went away", metadata: ["cause": "\(error)"])
    } else if failure.kind == .unexpected || error is StoreError && failure.kind == .unavailable {
      context.logger.error(
        "a request failed", metadata: ["cause": "\(error)", "path": "\(request.uri.path)"])
    }
    exchange.failure = failure
    return Dialect(request).response(failure)
  }

  /// Logs and counts, at once or, for a stream, when it has ended.
  private func finished(_ response: Response, _ exchange: Exchange) -> Response {
    if let length = response.body.contentLength, length <= Self.briefBytes {
      exchange.turn.end()
      report(exchange, response.status, bytes: length)
      return response
    }
    var response = response
    let (body, status) = (response.body, response.status)
    response.body = ResponseBody(contentLength: body.contentLength) { writer in
      defer { exchange.turn.end() }
      let counting = CountingWriter(base: writer)
      do {
        try await body.write(counting)
      } catch {
        report(exchange, status, bytes: counting.bytes.value, cutOff: true)
        throw error
      }
      report(exchange, status, bytes: counting.bytes.value)
    }
    return response
  }

  private func report(_ exchange: Exchange, _ status: HTTPResponse.Status, bytes: Int, cutOff: Bool = false) {
    let seconds = (ContinuousClock.now - exchange.start) / .seconds(1)
    exchange.log(status, seconds: seconds, bytes: bytes, cutOff: cutOff)
    let route = exchange.context.endpointPath ?? "none"
    let method = exchange.method
    metrics.count(
      "operant:http_requests_total", help: "Requests answered, by route.",
      labels: [("method", method), ("route", route), ("status", String(status.code))])
    metrics.observe(
      "operant:http_request_duration_seconds", help: "From a request's headers to the end of its answer.",
      labels: [("method", method), ("route", route)], seconds)
  }

  /// Answers up to this size count as sent when they are handed over.
  private static let briefBytes = 1 << 20

  // MARK: Headers

  private static let requestID = HTTPField.Name("x-request-id")!
  private static let amazonRequestID = HTTPField.Name("x-amzn-requestid")!
  private static let limitRequests = HTTPField.Name("x-ratelimit-limit-requests")!
  private static let remainingRequests = HTTPField.Name("x-ratelimit-remaining-requests")!
  private static let resetRequests = HTTPField.Name("x-ratelimit-reset-requests")!

  private static func tell(_ verdict: RateLimiter.Verdict, in headers: inout HTTPFields) {
    headers[limitRequests] = String(verdict.limit)
    headers[remainingRequests] = String(verdict.remaining)
    headers[resetRequests] = "\(Int((verdict.secondsToFull * 1000).rounded(.up)))ms"
  }
}
