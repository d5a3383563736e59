internal import CZlib
internal import Foundation

/// Gzip files: written whole, since our own logs are cut to a few megabytes, and read piece by piece.
enum Gzip {
  static func packed(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    // 15 + 16: the largest window, in a gzip frame.
    let code = deflateInit2_(
      &stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "zlib could not begin to compress (code \(code)): out of memory")
    defer { deflateEnd(&stream) }
    var input = bytes
    var output = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
    let end = input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        return deflate(&stream, Z_FINISH)
      }
    }
    precondition(end == Z_STREAM_END, "the bound of zlib's output did not hold")
    return Array(output[..<Int(stream.total_out)])
  }

  /// The bytes of a file, unpacked where it is a gzip file, a piece at a time: a small file may hold a very large one.
  ///
  /// - Parameter take: returns whether it wants more.
  /// - Returns: false for a file that is damaged or cannot be read; what came before that was given all the same.
  static func pieces(of path: String, _ take: (ArraySlice<UInt8>) -> Bool) -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    guard var input = next(file) else { return false }
    guard input.starts(with: [0x1F, 0x8B]) else {
      while !input.isEmpty {
        guard take(input[...]) else { return true }
        guard let more = next(file) else { return false }
        input = more
      }
      return true
    }
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return false
    }
    defer { inflateEnd(&stream) }
    var piece = [UInt8](repeating: 0, count: size)
    // Several frames in a row are one file, which is whole at the end of one.
    var isBetweenFrames = false
    while !input.isEmpty {
      let end = input.withUnsafeMutableBufferPointer { source -> Int32 in
        stream.next_in = source.baseAddress
        stream.avail_in = UInt32(source.count)
        while true {
          let code = piece.withUnsafeMutableBufferPointer { target in
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            return inflate(&stream, Z_NO_FLUSH)
          }
          let made = piece.count - Int(stream.avail_out)
          if made > 0, !take(piece[..<made]) { return Z_STREAM_END }
          switch code {
          case Z_STREAM_END:
            isBetweenFrames = true
            inflateReset(&stream)
            if stream.avail_in == 0 { return Z_OK }
          case Z_OK: isBetweenFrames = false
          // Nothing is left to read, nor to write.
          case Z_BUF_ERROR: return Z_OK
          default: return code
          }
        }
      }
      if end == Z_STREAM_END { return true }
      guard end == Z_OK, let more = next(file) else { return false }
      input = more
    }
    return isBetweenFrames
  }

  private static let size = 1 << 18

  /// The next piece of a file as it lies there, empty at its end; nil where it cannot be read.
  private static func next(_ file: FileHandle) -> [UInt8]? {
    do { return Array(try file.read(upToCount: size) ?? Data()) } catch { return nil }
  }
}
