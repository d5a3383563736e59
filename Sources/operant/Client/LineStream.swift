import Foundation

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The lines of an answer as they come. Foundation on Linux has no stream of bytes, so a delegate feeds one.
final class LineStream: NSObject, URLSessionDataDelegate {
  private let out: AsyncThrowingStream<[UInt8], any Error>.Continuation
  // Only touched on the session's queue, which is serial.
  private nonisolated(unsafe) var splitter = LineSplitter()

  private init(_ out: AsyncThrowingStream<[UInt8], any Error>.Continuation) { self.out = out }

  /// The lines of the answer to a request; throws `ServiceClient.Refusal` where it is no success.
  static func lines(_ request: URLRequest) -> AsyncThrowingStream<[UInt8], any Error> {
    AsyncThrowingStream { continuation in
      let configuration = URLSessionConfiguration.ephemeral
      configuration.timeoutIntervalForRequest = 3600
      let queue = OperationQueue()
      queue.maxConcurrentOperationCount = 1
      let session = URLSession(
        configuration: configuration, delegate: LineStream(continuation), delegateQueue: queue)
      session.dataTask(with: request).resume()
      continuation.onTermination = { _ in session.invalidateAndCancel() }
    }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    let status = (response as? HTTPURLResponse)?.statusCode ?? 0
    guard (200..<300).contains(status) else {
      out.finish(
        throwing: ServiceClient.Refusal(
          status: status, message: "the service answered with status \(status)", param: nil))
      return completionHandler(.cancel)
    }
    completionHandler(.allow)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    for line in splitter.take(data) { out.yield(line) }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    // What a connection that was cut has left of a line is none.
    if error == nil, let last = splitter.finish() { out.yield(last) }
    out.finish(throwing: error)
  }
}
