import Records

/// A program that the definition names for judging code: a linter, a security scanner.
struct CodeTool: Sendable {
  var name: String
  /// Runs in the folder with the code; `{file}` stands for the file's name.
  var command: [String]
  var weight: Double
  /// What a line of its output is that counts as a finding; nil goes by the exit status alone.
  var findings: Pattern?
  /// What each finding takes off a score of 1.
  var deduction: Double
  /// Exit statuses from this on are the tool's own trouble.
  var errorExit: Int

  init?(_ reader: DefinitionReader, others: [String]) {
    reader.rejectKeys(
      besides: ["name", "command", "weight", "findings", "deduction", "error_exit"], of: "a tool")
    if reader.object["command"] == nil {
      reader.error("command", "missing; expected one such as [\"ruff\", \"check\", \"{file}\"]")
    }
    let words = reader.words("command")
    if let words, !words.contains(where: { $0.contains("{file}") }) {
      reader.error("command", "does not name the code's file; write {file} where it belongs")
    }
    weight = reader.number("weight") ?? 0
    deduction = reader.number("deduction", excludingLowest: true) ?? 0.25
    if reader.object["deduction"] != nil, reader.object["findings"] == nil {
      reader.error("deduction", "has no effect without 'findings', a pattern for the lines that count")
    }
    errorExit = reader.count("error_exit") ?? 2
    if errorExit == 0 { reader.error("error_exit", "is 0, which every tool means as success") }
    if let source = reader.string("findings") {
      do throws(TemplateError) {
        findings = try Pattern(source)
      } catch {
        reader.error("findings", error.message)
      }
    }
    guard let words else { return nil }
    command = words
    name = reader.string("name") ?? words[0].split(separator: "/").last.map(String.init) ?? words[0]
    if others.contains(name) { reader.error("name", "'\(name)' is taken; give this tool another name") }
  }

  /// How good the code is, 0 to 1.
  func score(_ code: String, file: String, _ setting: CodeSetting) async throws(GradeFailure) -> Double {
    let limits = SandboxLimits(wallSeconds: 60, memoryBytes: 1 << 30, processes: 64)
    let words = command.map { $0.replacing("{file}", with: file) }
    // Nothing but the code: what else a tool finds in its folder could be its configuration.
    let job = SandboxJob(
      .command(words), files: [SandboxFile(file, text: code, in: .box)], readOnlyFolders: setting.folders,
      limits: limits, python: setting.python)
    let result = await setting.pool.run(job)
    let status: Int32
    switch result.ending {
    case .exited(let code) where code < errorExit: status = code
    case .exited(let code): throw failure("it ended with status \(code)", result)
    case .couldNotStart(let reason): throw failure(reason, result)
    case .returned, .returnedOther, .raised: throw failure("it did not run as a command", result)
    // Code that no tool can cope with is not good code.
    case .timedOut, .memory, .outputLimit, .signalled: return 0
    }
    guard let findings else { return status == 0 ? 1 : 0 }
    var count = 0
    for line in result.standardOutput.split(separator: 0x0A).prefix(1000) {
      if try findings.matches(String(decoding: line, as: UTF8.self)) { count += 1 }
    }
    return max(0, 1 - deduction * Double(count))
  }

  private func failure(_ reason: String, _ result: SandboxResult) -> GradeFailure {
    GradeFailure(
      .other, "the tool '\(name)' did not judge the code: \(reason) \(result.outputTail.suffix(400))",
      cause: .couldNotStart)
  }
}
