import Records

/// Compiles or runs an answer's code against the row's tests, in sandboxes.
///
/// What the code can reach has neither the tests nor what they expect, and no verdict is read from what it says of
/// itself: see `FunctionTrials` and `ProgramTrials`.
struct CodeGrader: Grader {
  enum Credit: String, CaseIterable {
    case share
    case allOrNothing = "all_or_nothing"
  }

  let identity: GraderIdentity
  private let input: Template
  private let take: CodeTake
  private let language: CodeLanguage
  private let source: CodeTestSource
  private let output: OutputComparison
  private let credit: Credit
  private let setting: CodeSetting
  private let inspection: CodeInspection?
  private let tools: [CodeTool]
  private let weights: CodeWeights
  private let scripts = ScriptCache()

  static let keys = [
    "input", "language", "pick", "partial", "output", "timeout", "total_timeout", "memory_mb", "python",
    "folders",
    "preload", "files", "tools", "weights",
  ]

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + Self.keys + CodeTestSource.keys + CodeInspection.keys
        + CodeCommand.keys,
      of: "a code grader")
    input = reader.template("input") ?? .outputText
    let name = reader.string("language") ?? "python"
    take = CodeTake(reader.choice("pick", default: .last) ?? .last, language: name)
    let isPython = take.names.contains("python")
    var language = CodeLanguage.python
    if isPython {
      for key in CodeCommand.keys where reader.object[key] != nil {
        reader.error(key, "is for languages other than python, which is run as it is")
      }
    } else if let command = CodeCommand(reader, language: name) {
      language = .command(command)
    }
    self.language = language
    let files = reader.supportFiles()
    source = CodeTestSource(reader, isPython: isPython)
    output = reader.choice("output", default: .lines) ?? .lines
    credit = reader.choice("partial", default: .share) ?? .share
    setting = CodeSetting(reader, files: files)
    inspection = CodeInspection(reader, isPython: isPython)
    tools = reader.codeTools()
    weights = CodeWeights(reader, hasComplexity: inspection?.complexity != nil)
    guard !reader.problems.hasErrors else { return nil }
    var identity = identity
    for text in source.fileTexts + files.map({ String(decoding: $0.contents, as: UTF8.self) }) {
      identity = identity.covering(text)
    }
    self.identity = identity
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    let start = ContinuousClock.now
    var grades = [Grade?](repeating: nil, count: group.count)
    var codes: [(index: Int, code: String)] = []
    var failure: GradeFailure?
    for (index, sample) in group.enumerated() {
      do throws(GradeFailure) {
        switch try input.render(sample) {
        case .answerLacks(let reason): grades[index] = grade(without: reason)
        case .text(let text):
          if let code = take.code(in: text) {
            codes.append((index, code))
          } else {
            grades[index] = grade(without: "the answer has no code in \(take.names[0])")
          }
        }
      } catch {
        grades[index] = Grade(.failed(error))
      }
    }
    // Of the row alone, and also where no answer has code: a row without tests fails whatever was answered.
    if let row = group.first {
      do throws(GradeFailure) {
        let tests = try source.tests(for: row)
        for (place, grade) in zip(codes.map(\.index), try await tried(codes.map(\.code), tests)) {
          grades[place] = grade
        }
      } catch {
        failure = error
      }
    }
    if let failure { grades = grades.map { _ in Grade(.failed(failure)) } }
    let took = start.duration(to: .now)
    return grades.compactMap { $0?.completed(by: identity, took: took) }
  }

  private func tried(_ codes: [String], _ tests: CodeTestSource.Tests) async throws(GradeFailure) -> [Grade] {
    if codes.isEmpty { return [] }
    var trials: [Result<CodeTrial, GradeFailure>] = codes.map { _ in .success(CodeTrial(total: 0)) }
    if !tests.functions.isEmpty {
      let functions = FunctionTrials(
        setting, tests: tests.functions, setup: tests.setup, entryPoint: tests.entryPoint,
        module: tests.module, scripts: scripts)
      trials = try await functions.run(codes)
    }
    let programs = ProgramTrials(
      setting: setting, language: language, comparison: output, cases: tests.programs)
    return await withTaskGroup(of: (Int, Grade).self) { tasks in
      for (index, trial) in trials.enumerated() {
        tasks.addTask { (index, await grade(codes[index], trial, programs)) }
      }
      return await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func grade(_ code: String, _ trial: Result<CodeTrial, GradeFailure>, _ programs: ProgramTrials)
    async -> Grade
  {
    do throws(GradeFailure) {
      var trial = try trial.get()
      if !programs.cases.isEmpty { trial.add(try await programs.run(code)) }
      return try await grade(code, trial)
    } catch {
      return Grade(.failed(error))
    }
  }

  /// The reward: the weighted mean of the parts, where quality counts as far as the tests pass.
  private func grade(_ code: String, _ trial: CodeTrial) async throws(GradeFailure) -> Grade {
    var trial = trial
    var finding: CodeInspection.Finding?
    if trial.compiles, let inspection {
      finding = try await inspection.finding(in: code, setting)
      // What cannot be read cannot be told to be free of what is forbidden.
      if finding?.forbidden.isEmpty != true { trial.mistakes.insert(.forbidden) }
    }
    let isVoid = !trial.mistakes.isDisjoint(with: [.testsTampered, .forbidden])
    let share: Double =
      switch credit {
      case .share: Double(trial.passed) / Double(trial.total)
      case .allOrNothing: trial.passed == trial.total ? 1 : 0
      }
    var parts = [Grade.SubReward("tests", share), Grade.SubReward("compiles", trial.compiles ? 1 : 0)]
    var sum = weights.tests * share + (trial.compiles ? weights.compiles : 0)
    if let most = inspection?.complexity {
      let score = finding.map { $0.complexity <= most ? 1.0 : 0 } ?? 0
      parts.append(Grade.SubReward("complexity", score))
      sum += weights.complexity * score * share
    }
    for tool in tools {
      // Code that passes nothing is not worth a linter's time, nor a reward for tidiness.
      let isJudged = share > 0 && !isVoid
      let score = isJudged ? try await tool.score(code, file: fileName, setting) : 0
      parts.append(Grade.SubReward(tool.name, score))
      sum += tool.weight * score * share
    }
    let total = weights.sum + tools.reduce(0) { $0 + $1.weight }
    var metrics = Self.metrics(trial)
    if let finding { metrics["cyclomatic_complexity"] = Double(finding.complexity) }
    let names = finding.map { $0.forbidden.joined(separator: ", ") } ?? ""
    return Grade(
      .reward(isVoid ? 0 : sum / total), subRewards: parts,
      metrics: metrics, outputTail: names.isEmpty ? trial.tail : "forbidden: \(names)")
  }

  private func grade(without reason: String) -> Grade {
    var trial = CodeTrial(total: 0)
    trial.mistakes = [.noCode]
    var metrics = Self.metrics(trial)
    metrics[Grade.sampleParseError] = 1
    let names =
      ["tests", "compiles"] + (inspection?.complexity == nil ? [] : ["complexity"]) + tools.map(\.name)
    return Grade(
      .reward(0), subRewards: names.map { Grade.SubReward($0, 0) }, metrics: metrics, outputTail: reason)
  }

  private static func metrics(_ trial: CodeTrial) -> [String: Double] {
    var metrics = [
      "tests_passed": Double(trial.passed), "cpu_seconds": trial.cpuSeconds,
      "peak_memory_mb": Double(trial.peakMemoryBytes) / 1_048_576,
    ]
    for mistake in CodeMistake.allCases {
      metrics[mistake.rawValue] = trial.mistakes.contains(mistake) ? 1 : 0
    }
    return metrics
  }

  /// What tools see the code as.
  private var fileName: String {
    switch language {
    case .python: "answer.py"
    case .command(let command): command.file
    }
  }
}
