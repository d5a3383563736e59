package import HTTPTypes

/// Why a request is not answered as its sender hoped; `Dialect` writes it in the words of the API that was asked.
package struct APIFailure: Error, Sendable, Hashable {
  package enum Kind: Sendable, Hashable, CaseIterable {
    /// 400
    case invalid
    /// 401
    case unauthenticated
    /// 403
    case forbidden
    /// 404
    case missing
    /// 405
    case methodNotAllowed
    /// 408
    case timedOut
    /// 409, and never worth the same try again
    case conflict
    /// 413
    case tooLarge
    /// 415
    case unsupportedMediaType
    /// 429: too many at once
    case throttled
    /// 429 in OpenAI's API, 400 in AWS's: a limit of the project
    case quota
    /// 500
    case unexpected
    /// 503
    case unavailable
  }

  package var kind: Kind
  /// For a person: what was given, what was expected, what to do.
  package var message: String
  /// The field that is wrong, as the sender spells it.
  package var param: String?
  /// The API's own word for it, such as `model_not_found`; nil takes the usual one of the kind.
  package var code: String?
  /// Seconds after which another try is worth it.
  package var retryAfter: Int?

  package init(
    _ kind: Kind, _ message: String, param: String? = nil, code: String? = nil, retryAfter: Int? = nil
  ) {
    self.kind = kind
    self.message = message
    self.param = param
    self.code = code
    self.retryAfter = retryAfter
  }

  package var status: HTTPResponse.Status {
    switch kind {
    case .invalid: .badRequest
    case .unauthenticated: .unauthorized
    case .forbidden: .forbidden
    case .missing: .notFound
    case .methodNotAllowed: .methodNotAllowed
    case .timedOut: .requestTimeout
    case .conflict: .conflict
    case .tooLarge: .contentTooLarge
    case .unsupportedMediaType: .unsupportedMediaType
    case .throttled, .quota: .tooManyRequests
    case .unexpected: .internalServerError
    case .unavailable: .serviceUnavailable
    }
  }
}
