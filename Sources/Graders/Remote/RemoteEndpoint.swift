import Foundation
import Records

/// One address that is asked by POST: headers, limits, retries.
struct RemoteEndpoint: Sendable {
  /// The address as messages show it: without user, password and query.
  let shown: String
  let limits: CallLimits
  private let url: URL
  private let headers: [String: String]
  /// What must not appear in any message.
  private let secrets: [String]
  private let byteLimit: Int
  private let traffic: EndpointTraffic

  /// An endpoint.
  ///
  /// - Parameters:
  ///   - secretHeaders: sent like `headers`; their values are taken out of messages.
  ///   - byteLimit: of an answer's body.
  init(
    _ url: URL, headers: [String: String] = [:], secretHeaders: [String: String] = [:],
    limits: CallLimits, byteLimit: Int
  ) {
    self.url = url
    self.headers = ["content-type": "application/json", "accept": "application/json"]
      .merging(headers) { $1 }.merging(secretHeaders) { $1 }
    // Servers quote the bare key, without the scheme before it. Anything shorter is no secret but a word.
    secrets = secretHeaders.values.flatMap { [$0] + $0.split(separator: " ").map(String.init) }
      .filter { $0.utf8.count >= 6 }.sorted { $0.utf8.count > $1.utf8.count }
    self.limits = limits
    self.byteLimit = byteLimit
    shown = Self.shown(url)
    traffic = EndpointTraffic.shared(address: shown, limits.traffic)
  }

  /// Calls until an answer can be read, the retries are used up or the deadline comes. A server that is being started
  /// anew is waited for as long as the limits' patience lasts.
  ///
  /// - Parameters:
  ///   - read: turns a reply with a status of success into an answer. `malformed` is tried again, as half an answer
  ///     often is whole the next time.
  /// - Throws: the last failure.
  func post<Answer>(
    _ body: [UInt8], headers extra: [String: String] = [:],
    read: (HTTPReply) throws(HTTPFailure) -> Answer
  ) async throws(HTTPFailure) -> Answer {
    guard await traffic.enter() else { throw .cancelled }
    defer { traffic.leave() }
    let request = HTTPRequest(url: url, headers: headers.merging(extra) { $1 }, body: body)
    guard let first = traffic.turn(before: nil) else { throw .cancelled }
    try await Self.sleep(until: first)
    var end = ContinuousClock.now + .seconds(limits.deadline)
    let seed = Self.seed(body)
    var tries = 0
    var absence = Absence()
    while true {
      tries += 1
      let left = ContinuousClock.now.duration(to: end)
      var reply: HTTPReply?
      do throws(HTTPFailure) {
        let answer = try await HTTPTransport.shared.post(
          request, within: min(.seconds(limits.timeout), left), byteLimit: byteLimit)
        reply = answer
        return try read(checked(answer))
      } catch {
        if Self.isAbsent(error, reply), absence.isBorne(for: limits.patience) {
          try await Self.sleep(until: .now + .seconds(RetryPolicy.delay(before: absence.looks, seed: seed)))
          end = .now + .seconds(limits.deadline)
          tries = 0
          continue
        }
        absence = Absence()
        guard tries <= limits.retries, Self.mayRetry(error, reply) else { throw error }
        let turn = try nextTurn(after: error, reply, retry: tries, seed: seed, end: end)
        try await Self.sleep(until: turn)
      }
    }
  }

  /// A time without a server: since when, and how often it was looked for.
  private struct Absence {
    private var began: ContinuousClock.Instant?
    private(set) var looks = 0

    /// Counts a look in vain, and says whether there is to be another.
    mutating func isBorne(for seconds: Double) -> Bool {
      let start = began ?? .now
      (began, looks) = (start, looks + 1)
      return start.duration(to: .now) < .seconds(seconds)
    }
  }

  /// Whether nobody is there, or somebody who is about to go: a server that ends turns work away and closes the connection.
  private static func isAbsent(_ failure: HTTPFailure, _ reply: HTTPReply?) -> Bool {
    switch failure {
    case .refused: true
    case .status(503, _): reply?.headers["connection"]?.lowercased() == "close"
    default: false
    }
  }

  private func checked(_ reply: HTTPReply) throws(HTTPFailure) -> HTTPReply {
    guard (200..<300).contains(reply.status) else {
      throw .status(reply.status, bodyTail: tail(of: reply.body))
    }
    return reply
  }

  /// `x-should-retry` is how OpenAI's servers overrule the status.
  private static func mayRetry(_ failure: HTTPFailure, _ reply: HTTPReply?) -> Bool {
    if case .status = failure, let word = reply?.headers["x-should-retry"] { return word == "true" }
    return failure.isPassing
  }

  /// When to try again; throws the failure itself when that would be after the deadline.
  private func nextTurn(
    after failure: HTTPFailure, _ reply: HTTPReply?, retry: Int, seed: UInt64,
    end: ContinuousClock.Instant
  ) throws(HTTPFailure) -> ContinuousClock.Instant {
    let now = ContinuousClock.now
    var delay = RetryPolicy.delay(before: retry, seed: seed)
    if case .status(let status, _) = failure, let wish = reply.flatMap({ RetryPolicy.wish(in: $0.headers) }) {
      let left = now.duration(to: end).seconds
      guard wish < left else { throw .toldToWait(seconds: wish, left: max(0, left), status: status) }
      traffic.hold(until: now + .seconds(wish))
      delay = max(wish, wish == 0 ? 0 : delay)
    }
    guard now + .seconds(delay) < end, let turn = traffic.turn(before: end) else { throw failure }
    return max(turn, now + .seconds(delay))
  }

  private static func sleep(until instant: ContinuousClock.Instant) async throws(HTTPFailure) {
    guard instant > .now else { return }
    do {
      try await Task.sleep(until: instant)
    } catch {
      throw .cancelled
    }
  }

  private static func seed(_ body: [UInt8]) -> UInt64 {
    var hash = StableHash()
    hash.combine(String(decoding: body, as: UTF8.self))
    return hash.value
  }

  /// The end of a body as one line of at most 400 bytes, secrets taken out first, so that none is cut in two.
  func tail(of body: [UInt8]) -> String {
    var text = String(decoding: body.suffix(65_536), as: UTF8.self)
    for secret in secrets { text = text.replacing(secret, with: "[key]") }
    let line = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
    let words = String(line).split(separator: " ").joined(separator: " ")
    return words.utf8.count <= 400 ? words : "…" + String(decoding: words.utf8.suffix(400), as: UTF8.self)
  }

  private static func shown(_ url: URL) -> String {
    guard var parts = URLComponents(url: url, resolvingAgainstBaseURL: true) else { return "the endpoint" }
    (parts.user, parts.password, parts.query, parts.fragment) = (nil, nil, nil, nil)
    return parts.string ?? "the endpoint"
  }
}
