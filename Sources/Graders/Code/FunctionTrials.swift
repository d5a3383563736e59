import Records

/// Tries functions: the tests run in one sandbox, the answer's code in another.
///
/// What a test asks of the code becomes a list of requests. The sandbox with the code plays them and knows nothing
/// else; the sandbox with the tests, where nothing of the answer ever runs, then reads the outcomes, which are data, and
/// decides. Where a request depends on an outcome there is another round.
struct FunctionTrials: Sendable {
  private let setting: CodeSetting
  private let tests: JSONValue
  private let entryPoint: String
  private let module: String
  private let scripts: ScriptCache

  /// Rounds before tests count as failed that still ask for more.
  private static let mostRounds = 24

  /// - Parameter tests: in the words of `CodeTest.functions`.
  init(
    _ setting: CodeSetting, tests: [JSONValue], setup: String, entryPoint: String, module: String,
    scripts: ScriptCache
  ) {
    self.scripts = scripts
    self.setting = setting
    self.entryPoint = entryPoint
    self.module = module
    self.tests = [
      "tests": .array(tests), "setup": .string(setup), "entry": .string(entryPoint),
      "module": .string(module),
    ]
  }

  private enum State {
    /// The requests to play, as JSON text.
    case open(script: String)
    case closed(Result<CodeTrial, GradeFailure>)
  }

  /// The trials of these codes, in order.
  ///
  /// - Throws: when the tests are no tests, or cannot be run at all.
  func run(_ codes: [String]) async throws(GradeFailure) -> [Result<CodeTrial, GradeFailure>] {
    let (script, count) = try await plan()
    var trials = codes.map { _ in CodeTrial(total: count) }
    var states = codes.map { _ in State.open(script: script) }
    for round in 0..<Self.mostRounds {
      let isLast = round == Self.mostRounds - 1
      let outcomes = await play(codes, states)
      var waiting: [(index: Int, trial: JSONValue)] = []
      for (index, script, result) in outcomes {
        trials[index].count(result)
        do throws(GradeFailure) {
          switch try reading(result, into: &trials[index]) {
          case .some(let text):
            waiting.append((index, ["script": .string(script), "outcomes": .string(text)]))
          case nil: states[index] = .closed(.success(trials[index]))
          }
        } catch {
          states[index] = .closed(.failure(error))
        }
      }
      if waiting.isEmpty { break }
      let verdicts = await verdicts(waiting.map(\.trial))
      for (place, verdict) in zip(waiting.map(\.index), verdicts) {
        switch verdict {
        case .failure(let failure): states[place] = .closed(.failure(failure))
        case .success(.mistake(let mistake)):
          trials[place].mistakes.insert(mistake)
          states[place] = .closed(.success(trials[place]))
        case .success(.found(let found)):
          var isStuck = isLast
          if case .open(let script) = states[place], script == found.script { isStuck = true }
          if let script = found.script, !isStuck {
            states[place] = .open(script: script)
          } else {
            found.enter(into: &trials[place])
            states[place] = .closed(.success(trials[place]))
          }
        }
      }
    }
    return states.map { state in
      switch state {
      case .closed(let result): result
      case .open: preconditionFailure("a trial is still open after the last round")
      }
    }
  }

  /// What the tests ask before any code ran, and how many they are.
  private func plan() async throws(GradeFailure) -> ScriptCache.Plan {
    if let known = scripts[tests] { return known }
    guard case .found(let first)? = try await judged([nil])?.first, let script = first.script else {
      throw GradeFailure(
        .invalidVariable, "the tests have a verdict before any code ran; they must call the answer's code")
    }
    let plan: ScriptCache.Plan = (script, first.verdicts.count)
    scripts[tests] = plan
    return plan
  }

  // MARK: The answer's side

  private func play(_ codes: [String], _ states: [State]) async -> [(Int, String, SandboxResult)] {
    await withTaskGroup(of: (Int, String, SandboxResult).self) { tasks in
      for (index, state) in states.enumerated() {
        guard case .open(let script) = state else { continue }
        tasks.addTask {
          let call = CodeModules.call(
            "run", of: CodeModules.candidate,
            [
              .string(codes[index]), .string(script), .string(module), .string(entryPoint),
              .number(setting.testSeconds),
            ])
          let limits = setting.limits(seconds: setting.totalSeconds)
          return (index, script, await setting.pool.run(setting.job(call, limits: limits)))
        }
      }
      return await tasks.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }
    }
  }

  /// The outcomes that a job brought, or nil when there are none because of a mistake, which is entered.
  private func reading(_ result: SandboxResult, into trial: inout CodeTrial) throws(GradeFailure) -> String? {
    if let mistake = try CodeMistake(of: result.ending) {
      trial.mistakes.insert(mistake)
      // Whether it got beyond its top level is not known.
      trial.compiles = false
      trial.tail = result.outputTail
      return nil
    }
    if !setting.isUntouched(result) {
      trial.mistakes.insert(.testsTampered)
      return nil
    }
    guard case .returned(.string(let text)) = result.ending, let value = try? JSONValue(parsing: text) else {
      // Only what took our own code's place can end like this.
      trial.mistakes.insert(.exited)
      return nil
    }
    guard let reason = value["stopped"]?.string else { return text }
    trial.mistakes.insert(CodeMistake(rawValue: reason) ?? .exception)
    trial.compiles = false
    trial.tail = value["text"]?.string ?? ""
    return nil
  }

  // MARK: The tests' side

  private enum Judged {
    case found(Verdicts)
    /// Reading what the code returned took more than the tests may take.
    case mistake(CodeMistake)
  }

  private struct Verdicts {
    var verdicts: [String]
    /// Nil when all verdicts are final.
    var script: String?

    func enter(into trial: inout CodeTrial) {
      trial.passed = verdicts.count { $0 == "passed" }
      if verdicts.contains("late") { trial.mistakes.insert(.timeOut) }
      if verdicts.contains("raised") { trial.mistakes.insert(.exception) }
    }
  }

  /// Verdicts for trials of different answers: together where that works, as most do, else each alone.
  private func verdicts(_ trials: [JSONValue]) async -> [Result<Judged, GradeFailure>] {
    do throws(GradeFailure) {
      if trials.count > 1, case .some(let all) = try await judged(trials) { return all.map { .success($0) } }
    } catch {
      // Told below, for the answers that it concerns.
    }
    var results: [Result<Judged, GradeFailure>] = []
    for trial in trials {
      do throws(GradeFailure) {
        results.append(.success(try await judged([trial])?.first ?? .mistake(.timeOut)))
      } catch {
        results.append(.failure(error))
      }
    }
    return results
  }

  /// Nil when the sandbox ended the tests: with an outcome in hand, it is the outcome that they could not cope with.
  private func judged(_ trials: [JSONValue?]) async throws(GradeFailure) -> [Judged]? {
    let call = CodeModules.call(
      "judge", of: CodeModules.judge, [tests, .array(trials.map { $0 ?? .null })])
    let limits = SandboxLimits(
      wallSeconds: setting.totalSeconds + 10, memoryBytes: 2 << 30, resultBytes: 64 << 20)
    let job = SandboxJob(call, files: setting.files, limits: limits, python: setting.python)
    let result = await setting.pool.run(job)
    switch result.ending {
    case .returned(let value):
      if let mistake = value["mistake"]?.string {
        throw GradeFailure(.invalidVariable, "the tests of the row cannot be used: \(mistake)")
      }
      return value["trials"]?.array?.map { trial in
        .found(
          Verdicts(
            verdicts: (trial["verdicts"]?.array ?? []).map { $0.string ?? "" },
            script: trial["script"]?.string))
      }
    case .timedOut, .memory, .outputLimit:
      if trials.first != .some(nil) { return nil }
      fallthrough
    default:
      var failure = result.failure(limits: limits) ?? GradeFailure(.pythonServer, "the tests gave no verdict")
      failure.message = "the tests of the row: \(failure.message)"
      throw failure
    }
  }
}
