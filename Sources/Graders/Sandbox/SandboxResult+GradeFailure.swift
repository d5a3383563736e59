package import Records

extension SandboxResult {
  /// The last lines of what was printed, for `Grade.outputTail`: standard error, or standard output when that is empty.
  package var outputTail: String {
    let bytes = standardError.isEmpty ? standardOutput : standardError
    return String(decoding: bytes.suffix(2000), as: UTF8.self)
  }

  /// Why there is no value, as a grader whose own code ran in the sandbox reports it; nil when there is one.
  ///
  /// `pythonRuntime` is what the code did, `pythonServer` what the sandbox did.
  package func failure(limits: SandboxLimits) -> GradeFailure? {
    func runtime(_ message: String, _ cause: GradeFailure.Cause) -> GradeFailure {
      GradeFailure(.pythonRuntime, message, cause: cause)
    }
    switch ending {
    case .returned: return nil
    case .returnedOther(let type):
      return runtime("returned a value of type '\(type)', which has no form in JSON", .wrongType)
    case .raised(let exception):
      let message = exception.message.isEmpty ? "" : ": \(exception.message)"
      return runtime("raised \(exception.type)\(message)\n\(exception.traceback)", .raised)
    case .exited(let status):
      return runtime("ended its process with status \(status) before it returned a value", .raised)
    case .timedOut(.wall):
      return runtime(
        "was stopped after \(limits.wallSeconds) seconds; raise 'timeout' if it needs more", .timeOut)
    case .timedOut(.cpu):
      return runtime("was stopped after \(limits.cpuSeconds) seconds of processor time", .timeOut)
    case .memory:
      return runtime("needed more than \(limits.memoryBytes >> 20) MB of memory", .memory)
    case .outputLimit:
      return runtime(
        "printed more than \(limits.outputBytes >> 10) kB, or returned more than \(limits.resultBytes >> 10) kB",
        .outputLimit)
    case .signalled(9):
      return GradeFailure(
        .pythonServer, "was killed from outside; the machine may be short of memory", cause: .killed)
    case .signalled(let signal):
      return runtime("crashed with signal \(signal)", .killed)
    case .couldNotStart(let reason):
      return GradeFailure(.pythonServer, reason, cause: .couldNotStart)
    }
  }
}
