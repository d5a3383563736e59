import Foundation

/// The most memory that this process held since `resetPeak`, as Linux counts it.
enum Memory {
  /// proc(5): 5 sets the peak back to what is held now.
  static func resetPeak() {
    guard let file = fopen("/proc/self/clear_refs", "w") else { return }
    fputs("5", file)
    fclose(file)
  }

  /// Bytes; 0 where the system does not say.
  static func peak() -> Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return 0 }
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.split { !$0.isNumber }.first ?? "") }.map { $0 * 1024 } ?? 0
  }
}
