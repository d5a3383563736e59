/// `s3://bucket/key`; the key may be empty or end with a slash, and then names what lies below it.
package struct S3Address: Sendable, Hashable, CustomStringConvertible {
  package var bucket: String
  package var key: String

  package init(bucket: String, key: String) {
    self.bucket = bucket
    self.key = key
  }

  /// nil for a text that does not follow the form that Bedrock documents, and for keys that would leave the bucket's
  /// folder (`.` and `..` as parts), which S3 itself knows and nobody needs.
  package init?(_ text: String) {
    guard text.hasPrefix("s3://") else { return nil }
    let rest = text.dropFirst(5)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    let bucket = rest[..<slash]
    let key = slash == rest.endIndex ? "" : rest[rest.index(after: slash)...]
    guard (3...63).contains(bucket.utf8.count), let first = bucket.utf8.first, let last = bucket.utf8.last,
      Self.isEdge(first), Self.isEdge(last),
      bucket.utf8.allSatisfy({ Self.isEdge($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") })
    else { return nil }
    var parts = key.split(separator: "/", omittingEmptySubsequences: false)
    if parts.last?.isEmpty == true { parts.removeLast() }
    guard
      parts.allSatisfy({ part in
        !part.isEmpty && part != "." && part != ".." && WireForm.consists(of: "-!_*'().", part)
      })
    else { return nil }
    self.init(bucket: String(bucket), key: String(key))
  }

  private static func isEdge(_ byte: UInt8) -> Bool { WireForm.isLower(byte) || WireForm.isDigit(byte) }

  package var description: String { key.isEmpty ? "s3://\(bucket)" : "s3://\(bucket)/\(key)" }

  /// Something below this address.
  package func appending(_ path: String) -> S3Address {
    let start = key.isEmpty || key.hasSuffix("/") ? key : key + "/"
    return S3Address(bucket: bucket, key: start + path)
  }
}
