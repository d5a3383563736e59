import CZlib

/// Compresses what is written to it into a file that `zcat` reads.
struct GzipWriter: ~Copyable {
  // zlib keeps the address of its state, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var buffer = [UInt8](repeating: 0, count: 1 << 16)

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 15 + 16: the largest window, in a gzip frame; the frame's time stays 0, so equal input is equal output.
    let code = deflateInit2_(
      stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "zlib could not begin to compress (code \(code)): out of memory")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  mutating func write(_ bytes: [UInt8], to file: inout OutputFile) throws(StorageError) {
    try deflate(bytes, flush: Z_NO_FLUSH, to: &file)
  }

  /// Ends the frame; nothing may be written afterwards.
  mutating func finish(to file: inout OutputFile) throws(StorageError) {
    try deflate([], flush: Z_FINISH, to: &file)
  }

  private mutating func deflate(
    _ bytes: [UInt8], flush: Int32, to file: inout OutputFile
  ) throws(StorageError) {
    var done = 0
    repeat {
      // zlib counts in 32 bits.
      let take = min(bytes.count - done, 1 << 30)
      let isLast = done + take == bytes.count
      let produced = bytes.withUnsafeBytes { source in
        buffer.withUnsafeMutableBytes { target in
          stream.pointee.next_in = UnsafeMutableRawPointer(mutating: source.baseAddress)?.advanced(by: done)
            .assumingMemoryBound(to: UInt8.self)
          stream.pointee.avail_in = UInt32(take)
          stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
          stream.pointee.avail_out = UInt32(target.count)
          let code = CZlib.deflate(stream, isLast ? flush : Z_NO_FLUSH)
          precondition(code != Z_STREAM_ERROR, "zlib's state was damaged")
          return target.count - Int(stream.pointee.avail_out)
        }
      }
      done += take - Int(stream.pointee.avail_in)
      try buffer.withUnsafeBufferPointer { (bytes) throws(StorageError) in
        try file.write(UnsafeRawBufferPointer(start: bytes.baseAddress, count: produced))
      }
    } while done < bytes.count || stream.pointee.avail_out == 0
  }
}
