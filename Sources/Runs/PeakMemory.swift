internal import Foundation

/// The most memory this process has held, in bytes.
func peakMemoryBytes() -> Int {
  var usage = rusage()
  // Linux reports kibibytes.
  return getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 ? Int(usage.ru_maxrss) * 1024 : 0
}
