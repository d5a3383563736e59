import CZlib

/// Decompresses a gzip file that is in memory.
enum GzipReader {
  /// Gives the decompressed bytes in pieces, up to the end or the first damage.
  ///
  /// - Returns: what is damaged, as a sentence; nil when the file is whole.
  static func read<Failure: Error>(
    _ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) -> String? {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    let code = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "zlib could not begin to decompress (code \(code)): out of memory")
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
    defer {
      inflateEnd(stream)
      stream.deallocate()
      piece.deallocate()
    }
    var position = 0
    while true {
      let take = min(input.count - position, 1 << 30)
      stream.pointee.next_in = UnsafeMutableRawPointer(mutating: input.baseAddress)?.advanced(by: position)
        .assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_in = UInt32(take)
      stream.pointee.next_out = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(piece.count)
      let code = inflate(stream, Z_NO_FLUSH)
      position += take - Int(stream.pointee.avail_in)
      try body(UnsafeRawBufferPointer(rebasing: piece[..<(piece.count - Int(stream.pointee.avail_out))]))
      switch code {
      case Z_OK: continue
      case Z_STREAM_END:
        // Several frames in a row are one gzip file.
        if position == input.count { return nil }
        inflateReset(stream)
      case Z_BUF_ERROR: return "the archive is cut off after \(position) bytes"
      default:
        let detail = stream.pointee.msg.map { String(cString: $0) } ?? "code \(code)"
        return "the archive is damaged before byte \(position): \(detail)"
      }
    }
  }
}
