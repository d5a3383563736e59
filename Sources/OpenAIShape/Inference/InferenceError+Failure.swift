import Gateway
import Inference
import Records

extension InferenceError {
  /// In the words of the API; `prompt` is the field that holds the prompt, `constraint` that of the answer's form.
  func failure(prompt: String, constraint: String = "response_format") -> APIFailure {
    switch kind {
    case .invalid(let param):
      APIFailure(.invalid, message, param: param.map { Self.field($0, prompt, constraint) })
    case .contextLength: APIFailure(.invalid, message, param: prompt, code: "context_length_exceeded")
    case .unknownModel: APIFailure(.missing, message, param: "model", code: "model_not_found")
    case .overloaded(let seconds): APIFailure(.throttled, message, retryAfter: seconds)
    case .failed: APIFailure(.unavailable, message, retryAfter: retryAfter)
    }
  }
}

extension InferenceError {
  /// A field of the API for one of ours, or of a worker's command.
  private static func field(_ name: String, _ prompt: String, _ constraint: String) -> String {
    switch name {
    case "prompt": prompt
    case "bias": "logit_bias"
    case "stopIDs": "stop_token_ids"
    case "constraint": constraint
    default: name
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
