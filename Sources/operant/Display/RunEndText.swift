import Records

/// What a finished run leaves behind and what to do with it.
enum RunEndText {
  static func lines(_ end: RunEnd) -> [String] {
    let name = end.folder.split(separator: "/").last.map(String.init) ?? end.folder
    let why =
      switch end.reason {
      case .allSteps: "all \(end.step) steps done"
      case .plateau: "stopped at step \(end.step): the held-out reward no longer rises"
      case .alarm: "ended by an alarm after step \(end.step)"
      case .rolledBack: "ended by an alarm; the policy is that of step \(end.step), from before it"
      case .interrupted: "interrupted after step \(end.step); everything up to it is saved"
      }
    var lines = ["\(name): \(why)"]
    lines.append(
      "  time    \(Figures.duration(end.seconds)), memory at most \(Figures.size(end.peakMemoryBytes))")
    lines.append("  run     \(end.folder)")
    for (format, path) in end.exports.sorted(by: { $0.key < $1.key }) {
      lines.append("  \(TextWidth.left(format, 7)) \(path)")
    }
    lines.append("")
    if end.reason == .interrupted {
      lines.append("Go on with it:")
      lines.append("  \(program) train --resume \(quoted(end.folder))")
    } else {
      lines.append("Try next:")
      let folder = quoted(end.folder)
      lines.append("  \(program) chat --run \(folder)")
      lines.append("  \(program) run show \(folder) --episodes")
      lines.append("  \(program) export \(folder) --format merged --to \(quoted(name + "-merged"))")
    }
    return lines
  }

  /// This program as it was called, so that a printed command can be typed where it was.
  static var program: String {
    let called = CommandLine.arguments.first ?? ""
    return called.hasSuffix("/operant") ? quoted(called) : "operant"
  }

  /// As a shell takes it.
  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || "-_./~@%+=:,".utf8.contains(byte)
    }
    return isPlain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }
}
