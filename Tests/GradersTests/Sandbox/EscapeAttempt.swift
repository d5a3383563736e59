import Graders
import Records
import Testing

/// One way out of the sandbox, and how it must end.
struct EscapeAttempt: Sendable, CustomTestStringConvertible {
  enum End: Sendable {
    /// The function tells what happened to it.
    case says(JSONValue)
    case raises(String)
    case exits(Int32)
    /// A program that fails, with whatever status.
    case fails
    case signalled(Int32)
    case timedOut
    case memory
    case outputLimit
    /// Ended by any limit or failure, without a value: where several limits race.
    case noValue
  }

  let name: String
  let job: SandboxJob
  let end: End
  var testDescription: String { name }

  init(_ name: String, _ job: SandboxJob, _ end: End) {
    self.name = name
    self.job = job
    self.end = end
  }

  /// Python that defines `f`, with `error(call)` at hand: the name of the errno with which a call fails, "done" when
  /// it does not.
  init(_ name: String, _ source: String, _ end: End, limits: SandboxLimits = SandboxLimits()) {
    self.init(name, .python(Self.prelude + source, limits: limits), end)
  }

  func matches(_ ending: SandboxEnding) -> Bool {
    switch (end, ending) {
    case (.says(let expected), .returned(let value)): value == expected
    case (.raises(let type), .raised(let exception)): exception.type == type
    case (.exits(let expected), .exited(let status)): status == expected
    case (.fails, .exited(let status)): status != 0
    case (.signalled(let expected), .signalled(let signal)): signal == expected
    case (.timedOut, .timedOut), (.memory, .memory), (.outputLimit, .outputLimit): true
    case (.noValue, .returned), (.noValue, .couldNotStart): false
    case (.noValue, _): true
    default: false
    }
  }

  private static let prelude = """
    import ctypes, errno, os, platform, signal, socket, stat, subprocess, sys, threading, time
    libc = ctypes.CDLL(None, use_errno=True)
    arm = platform.machine() == 'aarch64'

    def error(call):
        try:
            result = call()
        except OSError as problem:
            return errno.errorcode.get(problem.errno, str(problem))
        return 'done' if result is None or result != -1 else errno.errorcode[ctypes.get_errno()]

    def syscall(*words):
        return lambda: libc.syscall(*[ctypes.c_long(w) if isinstance(w, int) else w for w in words])


    """
}
