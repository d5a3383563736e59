import Records

/// Where an answer's code runs, and within what.
struct CodeSetting: Sendable {
  var pool: SandboxPool
  var python: SandboxPython
  var folders: [String]
  /// Beside the code in its working folder, the same for every answer.
  var files: [SandboxFile]
  /// For one test.
  var testSeconds: Double
  /// For all tests of an answer.
  var totalSeconds: Double
  var memoryBytes: Int

  func limits(seconds: Double, resultBytes: Int = 1 << 20) -> SandboxLimits {
    SandboxLimits(
      wallSeconds: seconds, memoryBytes: memoryBytes, processes: 64, scratchBytes: 256 << 20,
      resultBytes: resultBytes + files.reduce(0) { $0 + $1.contents.count })
  }

  func job(
    _ program: SandboxJob.Program, files more: [SandboxFile] = [], input: String = "", collect: [String] = [],
    limits: SandboxLimits
  ) -> SandboxJob {
    SandboxJob(
      program, files: files + more, readOnlyFolders: folders, standardInput: Array(input.utf8),
      collect: collect + files.map(\.path), limits: limits, python: python)
  }

  /// Whether a job that ended by itself left the files given to it as they were.
  func isUntouched(_ result: SandboxResult) -> Bool {
    switch result.ending {
    case .returned, .returnedOther, .raised, .exited:
      // The bytes themselves; a hash could only be weaker.
      files.allSatisfy { result.collected[$0.path] == $0.contents }
    case .signalled, .timedOut, .memory, .outputLimit, .couldNotStart: true
    }
  }
}
