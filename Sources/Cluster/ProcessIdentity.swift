internal import Foundation

/// A process, told from a later one that got the same number.
package struct ProcessIdentity: Sendable, Hashable, Codable {
  package var pid: Int32
  /// Clock ticks from the machine's start to the process's.
  package var started: UInt64

  package init(pid: Int32, started: UInt64) {
    self.pid = pid
    self.started = started
  }

  /// The process that has this number now; nil when none has. One that has ended and waits for its parent counts.
  package init?(pid: Int32) {
    guard let stat = ProcessStat(pid: pid) else { return nil }
    self.init(pid: pid, started: stat.started)
  }

  /// Whether it is still there and has not ended.
  package var isAlive: Bool {
    guard let stat = ProcessStat(pid: pid) else { return false }
    return stat.started == started && !stat.hasEnded
  }
}

/// What `/proc/<pid>/stat` says of a process.
struct ProcessStat {
  let started: UInt64
  let session: Int32
  /// A zombie without threads that still run: until those are gone, files are open and locks are held.
  let hasEnded: Bool

  init?(pid: Int32) {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    self.init(text: String(decoding: bytes, as: UTF8.self))
  }

  /// The program's name stands in brackets and may hold anything, brackets included: fields are counted from the last one.
  init?(text: String) {
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, let session = Int32(fields[3]), let started = UInt64(fields[19]) else {
      return nil
    }
    self.session = session
    self.started = started
    let threads = Int(fields[17]) ?? 0
    hasEnded = ["Z", "X", "x"].contains(fields[0]) && threads <= 1
  }
}

/// The machine that this program runs on.
package enum ThisMachine {
  package static let host: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }()

  /// Another at each start of the machine.
  package static let boot: String = {
    let text = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
    return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
  }()

  /// Bytes that this program may use: the machine's, or the control group's where that is less.
  package static var memoryBytes: Int {
    let limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"].compactMap {
      (try? String(contentsOfFile: $0, encoding: .utf8)).flatMap {
        Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
      }
    }
    return min(limits.min() ?? .max, Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }
}
