import Foundation
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Sends one message and looks at nothing but the status of the answer. Redirects are not followed: the address was
/// checked, the one behind it was not.
struct WebhookTransport: Sendable {
  private static let timers = DispatchQueue(label: "operant.webhooks.deadlines")
  private let session: URLSession
  private let exchanges = StatusExchanges()

  init() {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.httpCookieStorage = nil
    configuration.httpShouldSetCookies = false
    configuration.httpMaximumConnectionsPerHost = 16
    // A proxy of the operator's could reach what we have checked not to be reached.
    configuration.connectionProxyDictionary = [:]
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 1
    session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: queue)
  }

  /// - Returns: the status, or why there is none.
  func post(_ body: String, to url: URL, headers: [String: String], within seconds: Double) async
    -> Result<Int, WebhookObstacle>
  {
    var request = URLRequest(url: url)
    request.httpMethod = "POST"
    request.httpBody = Data(body.utf8)
    request.timeoutInterval = seconds + 5
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    let task = session.dataTask(with: request)
    let (id, exchanges) = (task.taskIdentifier, exchanges)
    let timer = DispatchWorkItem {
      if exchanges.close(id, .failure(WebhookObstacle("no answer within \(Int(seconds)) s"))) {
        task.cancel()
      }
    }
    Self.timers.asyncAfter(deadline: .now() + seconds, execute: timer)
    defer { timer.cancel() }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        exchanges.open(id, continuation)
        task.resume()
        if Task.isCancelled, exchanges.close(id, .failure(.cancelled)) { task.cancel() }
      }
    } onCancel: {
      if exchanges.close(id, .failure(.cancelled)) { task.cancel() }
    }
  }

  /// Ends the session, which otherwise lives on with its delegate.
  func close() { session.invalidateAndCancel() }
}

/// Why a message did not arrive, as a sentence without secrets.
struct WebhookObstacle: Error, Sendable, Hashable {
  static let cancelled = WebhookObstacle("the service was ending")
  let message: String

  init(_ message: String) { self.message = message }
}

/// The messages under way. Whoever closes one first decides what came of it.
private final class StatusExchanges: NSObject, URLSessionDataDelegate, Sendable {
  typealias Outcome = CheckedContinuation<Result<Int, WebhookObstacle>, Never>
  private let open = Mutex<[Int: Outcome]>([:])

  func open(_ id: Int, _ outcome: Outcome) { open.withLock { $0[id] = outcome } }

  @discardableResult
  func close(_ id: Int, _ result: Result<Int, WebhookObstacle>) -> Bool {
    guard let outcome = open.withLock({ $0.removeValue(forKey: id) }) else { return false }
    outcome.resume(returning: result)
    return true
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    // The status says it all; a body could be of any length.
    close(dataTask.taskIdentifier, .success((response as? HTTPURLResponse)?.statusCode ?? 0))
    completionHandler(.cancel)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    close(task.taskIdentifier, .success(response.statusCode))
    completionHandler(nil)
    task.cancel()
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    let code = (error as? URLError)?.code.rawValue
    close(
      task.taskIdentifier,
      .failure(WebhookObstacle("the connection failed" + (code.map { " (code \($0))" } ?? ""))))
  }
}
