import Inference
import Records

/// Log-probabilities as chat completions and responses tell them.
enum LogProbabilityWire {
  /// JSON has no word for minus infinity; this is what others write.
  static let least = -9999.0

  static func number(_ value: Float) -> JSONValue {
    value.isFinite ? .number(Double(value)) : .number(least)
  }

  /// `{content: [...], refusal: null}`.
  static func chat(_ tokens: [AnswerToken], _ options: WireOptions) -> JSONValue {
    ["content": .array(tokens.map { entry($0, options) }), "refusal": .null]
  }

  static func entry(_ token: AnswerToken, _ options: WireOptions) -> JSONValue {
    [
      "token": text(token.id, token.bytes, options),
      "logprob": token.logProbability.map(number) ?? .null, "bytes": bytes(token.bytes),
      "top_logprobs": .array(
        token.top.map {
          [
            "token": text($0.id, $0.bytes, options), "logprob": number($0.logProbability),
            "bytes": bytes($0.bytes),
          ]
        }),
    ]
  }

  static func text(_ id: Int32, _ bytes: [UInt8], _ options: WireOptions) -> JSONValue {
    .string(options.tokensAsIDs ? "token_id:\(id)" : String(decoding: bytes, as: UTF8.self))
  }

  private static func bytes(_ bytes: [UInt8]) -> JSONValue { .array(bytes.map { .integer(Int($0)) }) }
}
