import Gateway
import Inference
import Records

extension InferenceError {
  /// In the words of the API; `prompt` is the field that holds the prompt.
  func failure(prompt: String) -> APIFailure {
    switch kind {
    case .invalid(let param): APIFailure(.invalid, message, param: param == "prompt" ? prompt : param)
    case .contextLength: APIFailure(.invalid, message, param: prompt, code: "context_length_exceeded")
    case .unknownModel: APIFailure(.missing, message, param: "model", code: "model_not_found")
    case .overloaded(let seconds): APIFailure(.throttled, message, retryAfter: seconds)
    case .failed: APIFailure(.unavailable, message, retryAfter: retryAfter)
    }
  }
}

extension APIFailure {
  /// As the last event of a stream whose status has been sent already.
  var openAIError: JSONValue {
    let type =
      switch kind {
      case .throttled: "rate_limit_error"
      case .unexpected, .unavailable: "server_error"
      default: "invalid_request_error"
      }
    return [
      "error": [
        "message": .string(message), "type": .string(type), "param": WireValue.text(param),
        "code": WireValue.text(code),
      ]
    ]
  }
}
