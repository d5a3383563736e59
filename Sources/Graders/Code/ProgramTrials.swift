import Records

/// Tries programs that read standard input and print: each case in a sandbox of its own, in which there is the input and
/// nothing of what should come out.
struct ProgramTrials: Sendable {
  let setting: CodeSetting
  let language: CodeLanguage
  let comparison: OutputComparison
  let cases: [(input: String, output: String)]

  /// The trial of one answer's code.
  func run(_ code: String) async throws(GradeFailure) -> CodeTrial {
    var trial = CodeTrial(total: cases.count)
    guard let program = try await built(code, &trial) else { return trial }
    var seconds = 0.0
    for test in cases {
      guard seconds < setting.totalSeconds else {
        trial.mistakes.insert(.timeOut)
        break
      }
      let limits = setting.limits(seconds: min(setting.testSeconds, setting.totalSeconds - seconds))
      let job = setting.job(program.program, files: program.files, input: test.input, limits: limits)
      let result = await setting.pool.run(job)
      seconds += result.wallSeconds
      trial.count(result)
      guard setting.isUntouched(result) else {
        trial.mistakes.insert(.testsTampered)
        break
      }
      if let mistake = try CodeMistake(of: result.ending) {
        trial.mistakes.insert(mistake)
        if trial.tail.isEmpty { trial.tail = Self.tail(result) }
        if mistake == .compileError {
          trial.compiles = false
          break
        }
      } else if comparison.agrees(String(decoding: result.standardOutput, as: UTF8.self), test.output) {
        trial.passed += 1
      }
    }
    return trial
  }

  private static func tail(_ result: SandboxResult) -> String {
    if case .raised(let exception) = result.ending { return exception.traceback }
    return result.outputTail
  }

  private struct Program {
    var program: SandboxJob.Program
    var files: [SandboxFile]
  }

  /// What runs the code; nil when it does not compile, which is entered.
  private func built(_ code: String, _ trial: inout CodeTrial) async throws(GradeFailure) -> Program? {
    let command: CodeCommand
    switch language {
    case .python:
      return Program(program: CodeModules.call("run", of: CodeModules.program, [.string(code)]), files: [])
    case .command(let own): command = own
    }
    let source = SandboxFile(command.file, text: code, in: .box)
    guard let compile = command.compile else {
      return Program(program: .command(command.run), files: [source])
    }
    var limits = setting.limits(seconds: command.compileSeconds, resultBytes: 128 << 20)
    // A compiler's needs are not the answer's.
    limits.memoryBytes = max(limits.memoryBytes, 4 << 30)
    limits.cpuSeconds = command.compileSeconds * 4
    limits.openFiles = 1024
    let job = setting.job(.command(compile), files: [source], collect: command.artifacts, limits: limits)
    let result = await setting.pool.run(job)
    if let mistake = try CodeMistake(of: result.ending) {
      trial.compiles = false
      trial.mistakes.insert(mistake == .exited ? .compileError : mistake)
      trial.tail = result.outputTail
      return nil
    }
    guard setting.isUntouched(result) else {
      trial.mistakes.insert(.testsTampered)
      return nil
    }
    var files: [SandboxFile] = []
    for path in command.artifacts {
      guard let bytes = result.collected[path] else {
        throw GradeFailure(
          .other,
          "'\(compile.joined(separator: " "))' succeeded and left no file '\(path)'; correct 'artifacts' or 'run'"
        )
      }
      files.append(SandboxFile(path, bytes, in: .box, isExecutable: true))
    }
    return Program(program: .command(command.run), files: files)
  }
}
