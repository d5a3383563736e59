package import Records

/// Rows of a data set of reasoning-gym, made in the sandbox by the package itself.
package struct ReasoningGymRows: Sendable {
  /// The data set's name in reasoning-gym, such as `leg_counting`.
  package var dataset: String
  package var count: Int
  /// Same seed, same rows, with the same version of the package.
  package var seed: Int
  /// The data set's own settings; empty takes its defaults.
  package var config: JSONObject
  /// One of the package's system prompts, put in front of every question; nil for none.
  package var systemPrompt: String?
  /// An interpreter or a virtual environment that has the package.
  package var python: String?

  package init(
    dataset: String, count: Int, seed: Int, config: JSONObject = JSONObject(), systemPrompt: String?,
    python: String?
  ) {
    self.dataset = dataset
    self.count = count
    self.seed = seed
    self.config = config
    self.systemPrompt = systemPrompt
    self.python = python
  }

  /// What a warm interpreter loads before it is asked for rows or scores.
  static let packages = ["reasoning_gym", "reasoning_gym.utils"]

  /// The rows, each the object of a JSONL line.
  ///
  /// - Throws: what reasoning-gym or the sandbox said.
  package func generated(in surroundings: GraderSurroundings) async throws(GradeFailure) -> [JSONValue] {
    var request = JSONObject([
      ("dataset", .string(dataset)), ("count", .integer(count)), ("seed", .integer(seed)),
      ("config", .object(config)),
    ])
    if let systemPrompt { request["system_prompt"] = .string(systemPrompt) }
    let limits = SandboxLimits(
      wallSeconds: 600, memoryBytes: 4 << 30, processes: 64, resultBytes: 1 << 30)
    let result = await surroundings.sandbox.run(
      SandboxJob(
        .python(PythonRunner.call("generated", [.object(request)])), files: PythonRunner.files,
        limits: limits,
        python: surroundings.python(python, preload: Self.packages)))
    if let failure = result.failure(limits: limits) { throw failure }
    guard case .returned(let value) = result.ending else { throw Grade.malformed("no rows") }
    if value["failed"] != nil { throw Grade(pythonResult: value).failure ?? Grade.malformed("no rows") }
    guard let rows = value["rows"]?.array else { throw Grade.malformed("no rows") }
    return rows
  }
}
