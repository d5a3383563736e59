import Records

/// A reward function in Python, written for another framework and imported as it is: TRL, verl, verifiers, OpenAI,
/// Lambda, or a data set of reasoning-gym.
///
/// The whole group is one call in the sandbox. Functions that take one sample are called for one after another, and what
/// goes wrong with one sample stays with it; when even the process dies, each sample gets a process of its own.
struct PythonFunctionGrader: Grader {
  let identity: GraderIdentity
  /// What the Python side needs to know.
  private let definition: JSONObject
  private let python: SandboxPython
  private let folders: [String]
  /// Seconds for one call of the function.
  private let timeout: Double
  private let memoryBytes: Int
  private let surroundings: GraderSurroundings

  /// Seconds until the user's file and what it imports are loaded.
  private static let loadingSeconds = 60.0

  init(
    _ identity: GraderIdentity, definition: JSONObject, python: SandboxPython, folders: [String],
    timeout: Double, memoryBytes: Int, surroundings: GraderSurroundings
  ) {
    self.identity = identity
    self.definition = definition
    self.python = python
    self.folders = folders
    self.timeout = timeout
    self.memoryBytes = memoryBytes
    self.surroundings = surroundings
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    guard !group.isEmpty else { return [] }
    let result = await run("grade", [.object(definition), request(group)], calls: group.count)
    if let grades = grades(of: result, count: group.count) { return grades }
    guard group.count > 1, await isPerSample() else {
      return group.map { _ in failed(result) }
    }
    var grades: [Grade] = []
    for sample in group {
      let result = await run("grade", [.object(definition), request([sample])], calls: 1)
      grades += self.grades(of: result, count: 1) ?? [failed(result)]
    }
    return grades
  }

  private func request(_ group: [GradingSample]) -> JSONValue {
    ["samples": .array(group.map(\.rewardRequest)), "step": .integer(group[0].moment.step)]
  }

  /// The grades in what a call returned; nil when it did not return.
  private func grades(of result: SandboxResult, count: Int) -> [Grade]? {
    guard case .returned(let value) = result.ending else { return nil }
    guard let results = value["results"]?.array, results.count == count else {
      return [Grade](repeating: Grade(.failed(Grade.malformed("no list of results"))), count: count)
    }
    return results.map { result in Grade(pythonResult: result) }.map { grade in
      var grade = grade
      grade.outputTail = result.outputTail
      return grade
    }
  }

  private func failed(_ result: SandboxResult) -> Grade {
    let failure = result.failure(limits: limits(calls: 1)) ?? Grade.malformed("nothing")
    return Grade(.failed(failure), outputTail: result.outputTail)
  }

  /// Whether the function takes one sample at a time, so that the samples of a group do not depend on each other.
  private func isPerSample() async -> Bool {
    let result = await run("inspect", [.object(definition)], calls: 1)
    guard case .returned(let value) = result.ending else { return false }
    return value["per_sample"]?.bool ?? false
  }

  private func run(_ function: String, _ arguments: [JSONValue], calls: Int) async -> SandboxResult {
    await surroundings.sandbox.run(
      SandboxJob(
        .python(PythonRunner.call(function, arguments)), files: PythonRunner.files,
        readOnlyFolders: folders, limits: limits(calls: calls), python: python))
  }

  private func limits(calls: Int) -> SandboxLimits {
    SandboxLimits(
      wallSeconds: Self.loadingSeconds + timeout * Double(calls), memoryBytes: memoryBytes, processes: 64)
  }
}
