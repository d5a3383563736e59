internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1
internal import Records
internal import Store

extension APIFailure {
  /// Any error, as a client may hear of it. What is not the client's doing is told in one sentence; the log has the
  /// cause.
  package init(_ error: any Error) {
    switch error {
    case let failure as APIFailure: self = failure
    case let failure as HTTPError: self.init(failure)
    case let failure as StoreError:
      switch failure.kind {
      case .missing: self.init(.missing, failure.message)
      case .conflict: self.init(.conflict, failure.message)
      case .unusable:
        self.init(.unavailable, "the service's store cannot be used at the moment; try again", retryAfter: 5)
      }
    case let input as InvalidInput: self.init(.invalid, input.description)
    case let syntax as JSONSyntaxError: self.init(.invalid, "this is not JSON: \(syntax)")
    case let shape as ShapeError: self.init(.invalid, shape.message, param: shape.path)
    case RequestAbort.tooSlow:
      self.init(.timedOut, "the body came too slowly; send it without long breaks")
    case RequestAbort.tooLarge(let limit):
      self.init(.tooLarge, "the body is larger than \(limit) bytes")
    case is NIOTooManyBytesError: self.init(.tooLarge, "the body is too large")
    case is HTTPParserError: self.init(.invalid, "the body is not framed as HTTP says, or was cut off")
    case is ClientGone:
      self.init(.timedOut, "the client closed its connection before the answer was ready")
    case is CancellationError:
      self.init(.unavailable, "the service is being stopped; try again in a moment", retryAfter: 5)
    default:
      self.init(.unexpected, "something went wrong here that should not; the service's log tells more")
    }
  }

  /// Hummingbird's own, such as that of a capture that is missing.
  private init(_ error: HTTPError) {
    let kind: Kind =
      switch error.status.code {
      case 401: .unauthenticated
      case 403: .forbidden
      case 404: .missing
      case 405: .methodNotAllowed
      case 408: .timedOut
      case 409: .conflict
      case 413: .tooLarge
      case 415: .unsupportedMediaType
      case 429: .throttled
      case 503: .unavailable
      case 400..<500: .invalid
      default: .unexpected
      }
    self.init(kind, error.body ?? error.status.reasonPhrase)
  }

  /// Whether an error says only that the client went away, so that nobody hears the answer.
  static func isDisconnect(_ error: any Error) -> Bool {
    if let error = error as? ChannelError {
      switch error {
      case .ioOnClosedChannel, .alreadyClosed, .inputClosed, .outputClosed, .eof: return true
      default: return false
      }
    }
    return error is ClientGone || error is IOError || error is NIOAsyncWriterError
  }
}
