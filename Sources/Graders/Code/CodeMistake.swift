import Records

/// What an answer's code did wrong, beside failing tests. The raw value is the metric that is 1 then: the mistake is the
/// model's, so the reward is low and grading goes on.
enum CodeMistake: String, CaseIterable, Sendable {
  case noCode = "no_code"
  case compileError = "compile_error"
  /// The code's own top level, or a test's call of it, raised an exception.
  case exception
  /// The function that the tests call is not defined.
  case noEntryPoint = "no_entry_point"
  case timeOut = "time_out"
  case memory = "memory_limit"
  case outputLimit = "output_limit"
  /// It ended its process before the tests were done, or with a status other than 0.
  case exited
  /// A signal ended it.
  case crashed
  case testsTampered = "tests_tampered"
  case forbidden

  /// What a job that ran an answer's code did wrong by the way it ended.
  ///
  /// - Throws: when nothing of it ran, which is not the answer's doing.
  init?(of ending: SandboxEnding) throws(GradeFailure) {
    switch ending {
    case .returned: return nil
    case .exited(let status):
      if status == 0 { return nil }
      self = .exited
    case .raised(let exception):
      self =
        ["SyntaxError", "IndentationError", "TabError"].contains(exception.type) ? .compileError : .exception
    case .returnedOther: self = .exception
    case .timedOut: self = .timeOut
    case .memory: self = .memory
    case .outputLimit: self = .outputLimit
    case .signalled: self = .crashed
    case .couldNotStart(let reason):
      throw GradeFailure(.pythonServer, reason, cause: .couldNotStart)
    }
  }
}
