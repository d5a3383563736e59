internal import Foundation

/// Memory that this process holds, in bytes; 0 where the system does not say.
func residentMemoryBytes() -> Int {
  // proc(5): the second field counts pages.
  guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
    let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
  else { return 0 }
  return pages * sysconf(Int32(_SC_PAGESIZE))
}
