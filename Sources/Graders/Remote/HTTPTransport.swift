import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Sends one POST and keeps its deadline, over URLSession.
///
/// Departures from URLSession's habits, each for a reason: nothing is cached and no cookie kept (a grade must not
/// depend on the call before), a redirect is an answer like any other (the key must not travel to another host), the
/// body is counted while it arrives, and the deadline is ours: on Linux `timeoutInterval` only bounds the silence
/// between two packets, and a task that was cancelled may report it late.
struct HTTPTransport: Sendable {
  static let shared = HTTPTransport()
  private static let timers = DispatchQueue(label: "operant.http.deadlines")

  private let session: URLSession
  private let exchanges: Exchanges

  private init() {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    configuration.httpShouldSetCookies = false
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    // How many calls run side by side is decided by EndpointTraffic, where the wait has a name.
    configuration.httpMaximumConnectionsPerHost = 256
    exchanges = Exchanges()
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 1
    session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: queue)
  }

  /// One attempt.
  ///
  /// - Parameters:
  ///   - limit: until the last byte of the answer.
  ///   - byteLimit: for the body of the answer.
  /// - Returns: the answer, whatever its status.
  func post(_ request: HTTPRequest, within limit: Duration, byteLimit: Int) async throws(HTTPFailure)
    -> HTTPReply
  {
    var message = URLRequest(url: request.url)
    message.httpMethod = "POST"
    message.httpBody = Data(request.body)
    // Later than ours, so that there is one deadline and not two.
    message.timeoutInterval = limit.seconds + 5
    for (name, value) in request.headers { message.setValue(value, forHTTPHeaderField: name) }
    let task = session.dataTask(with: message)
    let exchanges = exchanges
    let id = task.taskIdentifier
    // A timer of the system and not a task, so that a deadline holds while other graders keep every thread busy.
    let timer = DispatchWorkItem {
      if exchanges.close(id, .failure(.timeOut(seconds: limit.seconds))) { task.cancel() }
    }
    Self.timers.asyncAfter(deadline: .now() + limit.seconds, execute: timer)
    defer { timer.cancel() }
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        exchanges.open(id, Exchanges.Exchange(byteLimit: byteLimit, continuation: continuation))
        task.resume()
        if Task.isCancelled, exchanges.close(id, .failure(.cancelled)) { task.cancel() }
      }
    } onCancel: {
      if exchanges.close(id, .failure(.cancelled)) { task.cancel() }
    }
    return try result.get()
  }
}

/// The calls under way, by the number of their task. Whoever closes an exchange first decides its result.
private final class Exchanges: NSObject, URLSessionDataDelegate, Sendable {
  struct Exchange {
    let byteLimit: Int
    let continuation: CheckedContinuation<Result<HTTPReply, HTTPFailure>, Never>
    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []
  }
  private let open = Mutex<[Int: Exchange]>([:])

  func open(_ id: Int, _ exchange: Exchange) { open.withLock { $0[id] = exchange } }

  /// Whether the exchange was still open.
  @discardableResult
  func close(_ id: Int, _ result: Result<HTTPReply, HTTPFailure>) -> Bool {
    guard let exchange = open.withLock({ $0.removeValue(forKey: id) }) else { return false }
    exchange.continuation.resume(returning: result)
    return true
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    let answer = response as? HTTPURLResponse
    let headers = Dictionary(
      (answer?.allHeaderFields ?? [:]).map { ("\($0.key)".lowercased(), "\($0.value)") }
    ) { $1 }
    open.withLock {
      $0[dataTask.taskIdentifier]?.status = answer?.statusCode ?? 0
      $0[dataTask.taskIdentifier]?.headers = headers
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let id = dataTask.taskIdentifier
    let limit: Int? = open.withLock { open in
      guard let limit = open[id]?.byteLimit, let held = open[id]?.body.count else { return nil }
      guard held + data.count <= limit else { return limit }
      open[id]?.body.append(contentsOf: data)
      return nil
    }
    if let limit, close(id, .failure(.tooLarge(limit: limit))) { dataTask.cancel() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    // Without the query, which may hold a key.
    let place = response.value(forHTTPHeaderField: "location").map { " to \($0.prefix { $0 != "?" })" } ?? ""
    let failure = HTTPFailure.status(
      response.statusCode, bodyTail: "a redirect\(place), which is not followed: give the final address")
    close(task.taskIdentifier, .failure(failure))
    completionHandler(nil)
    task.cancel()
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    let id = task.taskIdentifier
    if let error {
      close(id, .failure(Self.failure(error)))
      return
    }
    guard let exchange = open.withLock({ $0[id] }) else { return }
    close(
      id, .success(HTTPReply(status: exchange.status, headers: exchange.headers, body: exchange.body)))
  }

  /// The kinds of URLSession in words; its own texts may hold the whole address, and with it a secret.
  private static func failure(_ error: any Error) -> HTTPFailure {
    guard let code = (error as? URLError)?.code else { return .unreachable("the connection failed") }
    switch code {
    case .cannotFindHost, .dnsLookupFailed: return .unreachable("the host's name is not known")
    case .cannotConnectToHost: return .refused
    // On Linux, a server that hangs up without a word is reported as the last of these.
    case .networkConnectionLost, .badServerResponse:
      return .unreachable("the connection ended before the answer did")
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid:
      return .unreachable("no secure connection could be made; check the certificate")
    case .timedOut: return .unreachable("the network fell silent")
    case .cancelled: return .cancelled
    case .cannotParseResponse, .cannotDecodeRawData, .cannotDecodeContentData:
      return .malformed("it is not HTTP")
    default: return .unreachable("the connection failed (URLSession code \(code.rawValue))")
    }
  }
}
