internal import CCrypto
internal import Foundation

/// Names for rows and secrets for people, from the system's source of randomness.
package enum Identifier {
  private static let letters = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ023456789".utf8)

  /// Such as `ftjob-` and 24 letters and digits.
  package static func new(_ prefix: String, length: Int = 24) -> String { prefix + text(length, letters) }

  /// As the identifiers inside ARNs are: lower-case letters and digits.
  package static func lower(length: Int = 12) -> String {
    text(length, Array("abcdefghijklmnopqrstuvwxyz0123456789".utf8))
  }

  private static func text(_ length: Int, _ alphabet: [UInt8]) -> String {
    var generator = SystemRandomNumberGenerator()
    return String(
      decoding: (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] },
      as: UTF8.self)
  }
}

/// SHA-256 and HMAC-SHA-256, by libcrypto.
package enum Digest {
  package static func sha256(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    var out = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    EVP_Digest(bytes, bytes.count, &out, &count, EVP_sha256(), nil)
    return out
  }

  package static func hmac(key: [UInt8], _ bytes: some Collection<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    var out = [UInt8](repeating: 0, count: 32)
    var count: UInt32 = 0
    HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &out, &count)
    return out
  }

  package static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
