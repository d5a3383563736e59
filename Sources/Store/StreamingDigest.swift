internal import CCrypto

/// A hash of bytes that come piece by piece, by libcrypto. Lives on one thread at a time.
package final class StreamingDigest {
  package enum Algorithm: Sendable, Hashable { case sha256, md5 }

  private let context = EVP_MD_CTX_new()

  package init(_ algorithm: Algorithm) {
    let method =
      switch algorithm {
      case .sha256: EVP_sha256()
      case .md5: EVP_md5()
      }
    EVP_DigestInit_ex(context, method, nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    EVP_DigestUpdate(context, start, bytes.count)
  }

  /// The hash of all that came; only once.
  package func finish() -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 64)
    var count: UInt32 = 0
    EVP_DigestFinal_ex(context, &out, &count)
    return Array(out.prefix(Int(count)))
  }
}
