import Records

extension Grade {
  /// Reads one result of the Python side: a reward with its parts, or why there is none.
  init(pythonResult result: JSONValue) {
    if let failure = result["failed"] {
      self.init(
        .failed(
          GradeFailure(
            failure["kind"]?.string.flatMap(GradeFailure.Kind.init) ?? .pythonRuntime,
            failure["message"]?.string ?? "the reward function failed",
            cause: failure["cause"]?.string.flatMap(GradeFailure.Cause.init))))
      return
    }
    guard let reward = result["reward"]?.double else {
      self.init(.failed(Self.malformed("a result without a reward")))
      return
    }
    let parts = result["sub_rewards"]?.array ?? []
    let metrics = result["metrics"]?.object?.members ?? []
    self.init(
      .reward(reward),
      subRewards: parts.compactMap { part in
        guard let pair = part.array, pair.count == 2, let name = pair[0].string, let value = pair[1].double
        else { return nil }
        return SubReward(name, value)
      },
      metrics: Dictionary(
        metrics.compactMap { name, value in value.double.map { (name, $0) } }, uniquingKeysWith: { $1 }))
  }

  static func malformed(_ what: String) -> GradeFailure {
    GradeFailure(
      .pythonServer,
      "the sandbox handed back \(what); the reward function may have changed what it was given",
      cause: .malformed)
  }
}
