import Foundation
import Store

/// Signatures as the Standard Webhooks specification has them, which OpenAI's clients check.
enum WebhookSignature {
  static let secretPrefix = "whsec_"

  /// A new secret: 32 random bytes in base 64.
  static func newSecret() -> String {
    var generator = SystemRandomNumberGenerator()
    let key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
    return secretPrefix + Data(key).base64EncodedString()
  }

  /// `webhook-id`, `webhook-timestamp` and `webhook-signature` of a message. The signature covers all three parts, so
  /// that neither an old message nor an old id can be given a new body.
  static func headers(id: String, at moment: UnixTime, body: String, secret: String) -> [String: String] {
    let key = Data(base64Encoded: String(secret.dropFirst(secretPrefix.count))).map(Array.init) ?? []
    let mac = Digest.hmac(key: key, Array("\(id).\(moment).\(body)".utf8))
    return [
      "webhook-id": id, "webhook-timestamp": String(moment),
      "webhook-signature": "v1," + Data(mac).base64EncodedString(),
    ]
  }
}
