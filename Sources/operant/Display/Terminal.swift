import Foundation

/// What the program knows of the terminal, and the only place that writes to it.
enum Terminal {
  /// Whether the stream is a terminal that understands cursor control.
  static func isInteractive(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && variable("TERM") != "dumb" && variable("TERM") != nil && variable("CI") == nil
  }

  static func hasColour(_ descriptor: Int32) -> Bool {
    isInteractive(descriptor) && (variable("NO_COLOR") ?? "").isEmpty
  }

  static func size(_ descriptor: Int32) -> (columns: Int, rows: Int) {
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 {
      return (Int(size.ws_col), Int(size.ws_row))
    }
    return (variable("COLUMNS").flatMap { Int($0) } ?? 80, 24)
  }

  static func write(_ text: String) { write(text, to: STDOUT_FILENO) }
  static func writeError(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Unbuffered. A standard output whose reader has gone away (`operant ... | head`) ends the program without
  /// a word, with the code that the signal would have given.
  static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let count = Foundation.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
        if count >= 0 {
          done += count
          continue
        }
        switch errno {
        case EINTR: continue
        case EAGAIN:
          // Someone made the stream non-blocking: wait for room.
          var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = poll(&ready, 1, 1000)
        case EPIPE where descriptor == STDOUT_FILENO: exit(128 + SIGPIPE)
        default: return
        }
      }
    }
  }

  /// The text without what would steer a terminal: a model's answer may hold any bytes.
  static func harmless(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isControl(scalar) {
        out.append(contentsOf: "\u{FFFD}".unicodeScalars)
      } else {
        out.append(scalar)
      }
    }
    return String(out)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.value < 0x20 && scalar != "\n" && scalar != "\t") || (0x7F...0x9F).contains(scalar.value)
      || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
  }

  private static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
