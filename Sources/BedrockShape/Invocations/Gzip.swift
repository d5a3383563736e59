internal import CZlib
internal import Foundation

/// Whole gzip files in memory: invocation logs are cut to a few megabytes.
enum Gzip {
  /// Most bytes that are unpacked of one file: a small file may hold a very large one.
  static let limit = 512 << 20

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

  /// The bytes of a gzip file, or the bytes themselves where they are none; nil for a damaged or too large one.
  static func unpacked(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.starts(with: [0x1F, 0x8B]) else { return bytes }
    var stream = z_stream()
    guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&stream) }
    var input = bytes
    var output: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 18)
    let isWhole = input.withUnsafeMutableBufferPointer { source -> Bool in
      stream.next_in = source.baseAddress
      stream.avail_in = UInt32(source.count)
      while true {
        let code = piece.withUnsafeMutableBufferPointer { target in
          stream.next_out = target.baseAddress
          stream.avail_out = UInt32(target.count)
          return inflate(&stream, Z_NO_FLUSH)
        }
        output += piece[..<(piece.count - Int(stream.avail_out))]
        guard output.count <= limit else { return false }
        if code == Z_STREAM_END {
          // Several frames in a row are one file.
          if stream.avail_in == 0 { return true }
          inflateReset(&stream)
        } else if code != Z_OK {
          return false
        }
      }
    }
    return isWhole ? output : nil
  }
}
