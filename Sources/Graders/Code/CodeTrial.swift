/// What came of one answer's code and its tests.
struct CodeTrial: Sendable {
  var passed = 0
  var total = 0
  /// Whether it compiles and, for Python, its top level runs and defines the entry point.
  var compiles = true
  var mistakes: Set<CodeMistake> = []
  /// Of all that was run of it.
  var cpuSeconds = 0.0
  var peakMemoryBytes = 0
  /// The last lines that say what went wrong.
  var tail = ""

  init(total: Int) { self.total = total }

  mutating func count(_ result: SandboxResult) {
    cpuSeconds += result.cpuSeconds
    peakMemoryBytes = max(peakMemoryBytes, result.peakMemoryBytes)
  }

  /// Adds the trial of the same code with other tests.
  mutating func add(_ other: CodeTrial) {
    passed += other.passed
    total += other.total
    compiles = compiles && other.compiles
    mistakes.formUnion(other.mistakes)
    cpuSeconds += other.cpuSeconds
    peakMemoryBytes = max(peakMemoryBytes, other.peakMemoryBytes)
    if tail.isEmpty { tail = other.tail }
  }
}
