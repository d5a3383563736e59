package import Records

/// How a job ended.
package enum SandboxEnding: Sendable, Hashable {
  package enum Clock: String, Sendable, Hashable {
    case wall, cpu
  }
  /// The Python function returned this. Numbers may be NaN or infinite here (also an integer beyond a double).
  case returned(JSONValue)
  /// The Python source or function raised an exception.
  case raised(PythonException)
  /// The Python function returned something that has no form in JSON: the name of its type.
  case returnedOther(type: String)
  /// The process ended by itself with this status; a Python job then did not return.
  case exited(Int32)
  /// A signal ended it that no limit of ours sent.
  case signalled(Int32)
  case timedOut(Clock)
  case memory
  /// It printed, or returned, more than it may.
  case outputLimit
  /// Nothing ran, or the sandbox itself broke: one sentence.
  case couldNotStart(String)
}

/// An exception that Python code raised.
package struct PythonException: Sendable, Hashable {
  /// The class, for example `ValueError`.
  package var type: String
  package var message: String
  /// The line of the call's source that it came from, from 1; 0 when it came from elsewhere.
  package var line: Int
  /// The last lines of the traceback.
  package var traceback: String

  package init(type: String, message: String, line: Int, traceback: String) {
    self.type = type
    self.message = message
    self.line = line
    self.traceback = traceback
  }
}

/// What came of a job. Everything but `ending` is written by code that nobody vouches for.
package struct SandboxResult: Sendable {
  package var ending: SandboxEnding
  /// All that was printed; its beginning when it was more than the limit.
  package var standardOutput: [UInt8]
  package var standardError: [UInt8]
  /// The files asked for, by path, when the job ended by itself.
  package var collected: [String: [UInt8]]
  /// Seconds without the wait for a free sandbox.
  package var wallSeconds: Double
  package var cpuSeconds: Double
  /// The most that was seen; 0 when nothing ran.
  package var peakMemoryBytes: Int

  package init(
    _ ending: SandboxEnding, standardOutput: [UInt8] = [], standardError: [UInt8] = [],
    collected: [String: [UInt8]] = [:], wallSeconds: Double = 0, cpuSeconds: Double = 0,
    peakMemoryBytes: Int = 0
  ) {
    self.ending = ending
    self.standardOutput = standardOutput
    self.standardError = standardError
    self.collected = collected
    self.wallSeconds = wallSeconds
    self.cpuSeconds = cpuSeconds
    self.peakMemoryBytes = peakMemoryBytes
  }

  /// What a caller is told whose task was cancelled.
  static let cancelled = SandboxResult(.couldNotStart("the run was cancelled"))
}
