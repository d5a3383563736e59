internal import Foundation
internal import HTTPTypes
package import Hummingbird
internal import Records

/// In whose words an API answers when something is wrong.
package enum Dialect: Sendable, Hashable {
  case openai, aws

  /// The dialect of a path: AWS's paths are those of Bedrock's two services, and what is signed as AWS's clients sign,
  /// but for OpenAI's paths: Bedrock serves those as OpenAI does, signed or not.
  package init(path: String, authorization: String? = nil) {
    let isAWS =
      [
        "/model-customization", "/custom-models", "/foundation-models", "/logging/", "/model/",
        "/provisioned-model-throughput",
      ].contains { path.hasPrefix($0) }
      || ["/tagResource", "/untagResource", "/listTagsForResource"].contains(path)
    let isSigned = authorization.map(SignatureClaim.isPresent) ?? false
    self = isAWS || isSigned && !path.hasPrefix("/v1/") && !path.hasPrefix("/openai/") ? .aws : .openai
  }

  package init(_ request: Request) {
    self.init(path: request.uri.path, authorization: request.headers[.authorization])
  }

  /// A failure as a response.
  package func response(_ failure: APIFailure) -> Response {
    var headers: HTTPFields = [.contentType: "application/json"]
    if let seconds = failure.retryAfter { headers[.retryAfter] = String(seconds) }
    let body: JSONValue
    let status: HTTPResponse.Status
    switch self {
    case .openai:
      status = failure.status
      // The stock client tries 409 again on its own; what is a conflict here stays one.
      if failure.kind == .conflict { headers[Self.shouldRetry] = "false" }
      var error = JSONObject()
      error["message"] = .string(failure.message)
      error["type"] = .string(Self.openAIType(failure.kind))
      error["param"] = failure.param.map(JSONValue.string) ?? .null
      error["code"] = (failure.code ?? Self.openAICode(failure.kind)).map(JSONValue.string) ?? .null
      body = .object(JSONObject([("error", .object(error))]))
    case .aws:
      let (name, awsStatus) = Self.awsError(failure.kind)
      status = awsStatus
      headers[Self.errorType] = failure.code ?? name
      body = .object(JSONObject([("message", .string(failure.message))]))
    }
    return Response(
      status: status, headers: headers, body: .init(byteBuffer: ByteBuffer(string: body.serialised())))
  }

  private static let shouldRetry = HTTPField.Name("x-should-retry")!
  private static let errorType = HTTPField.Name("x-amzn-ErrorType")!

  private static func openAIType(_ kind: APIFailure.Kind) -> String {
    switch kind {
    case .unauthenticated: "authentication_error"
    case .forbidden: "permission_error"
    case .throttled: "rate_limit_error"
    case .quota: "insufficient_quota"
    case .unexpected, .unavailable: "server_error"
    case .invalid, .missing, .methodNotAllowed, .timedOut, .conflict, .tooLarge, .unsupportedMediaType:
      "invalid_request_error"
    }
  }

  private static func openAICode(_ kind: APIFailure.Kind) -> String? {
    switch kind {
    case .unauthenticated: "invalid_api_key"
    case .throttled: "rate_limit_exceeded"
    case .quota: "insufficient_quota"
    case .invalid, .forbidden, .missing, .methodNotAllowed, .timedOut, .conflict, .tooLarge,
      .unsupportedMediaType, .unexpected, .unavailable:
      nil
    }
  }

  private static func awsError(_ kind: APIFailure.Kind) -> (String, HTTPResponse.Status) {
    switch kind {
    case .invalid, .methodNotAllowed, .unsupportedMediaType, .tooLarge: ("ValidationException", .badRequest)
    case .unauthenticated, .forbidden: ("AccessDeniedException", .forbidden)
    case .missing: ("ResourceNotFoundException", .notFound)
    case .conflict: ("ConflictException", .badRequest)
    case .quota: ("ServiceQuotaExceededException", .badRequest)
    case .throttled: ("ThrottlingException", .tooManyRequests)
    case .timedOut: ("ModelTimeoutException", .requestTimeout)
    case .unexpected: ("InternalServerException", .internalServerError)
    case .unavailable: ("ServiceUnavailableException", .serviceUnavailable)
    }
  }
}
