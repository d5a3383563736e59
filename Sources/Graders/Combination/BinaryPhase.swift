import Records

/// A stretch of a run in which the reward is 1 for full marks and 0 for anything less.
struct BinaryPhase: Sendable {
  enum Side: String, Sendable, CaseIterable {
    /// Binary first, graded once the pass rate has held.
    case until = "binary_until"
    /// Graded first, binary once it has held.
    case from = "binary_from"
  }
  let side: Side
  /// The pass rate that must hold.
  let passRate: Double
  /// For how many steps in a row.
  let window: Int
  /// The part that must have full marks; nil for the combined reward.
  let part: String?
  let fullMarks: Double

  /// Whether the reward is binary at a moment. Measured in its final form, `until` is graded and `from` binary.
  func isOn(at moment: GradingMoment) -> Bool {
    let isBehind = moment.isFinal || moment.passRateHasHeld(passRate, for: window)
    return switch side {
    case .until: !isBehind
    case .from: isBehind
    }
  }

  func reward(of graded: Double, parts: [String: Double]) -> Double {
    let judged = part.flatMap { parts[$0] } ?? graded
    return judged >= fullMarks - FullMarks.tolerance ? 1 : 0
  }
}

extension DefinitionReader {
  /// `binary_until` or `binary_from`: a pass rate, or an object that also says what is measured.
  func binaryPhase(among parts: PartNames) -> BinaryPhase? {
    let given = BinaryPhase.Side.allCases.filter { object[$0.rawValue] != nil }
    if given.count > 1 {
      error("binary_from", "given beside 'binary_until'; a reward is binary before or after, keep one")
    }
    return given.count == 1 ? binaryPhase(given[0], among: parts) : nil
  }

  private func binaryPhase(_ side: BinaryPhase.Side, among parts: PartNames) -> BinaryPhase? {
    let key = side.rawValue
    guard let object = object[key]?.object else {
      return passRate(key).map {
        BinaryPhase(side: side, passRate: $0, window: 3, part: nil, fullMarks: 1)
      }
    }
    let phase = inside(object, path: path(of: key))
    phase.rejectKeys(besides: ["pass_rate", "window", "part", "full_marks"], of: "a binary phase")
    if object["pass_rate"] == nil { phase.error("pass_rate", "missing; expected a share such as 0.6") }
    let window = phase.count("window") ?? 3
    if window == 0 { phase.error("window", "is 0; expected at least one step") }
    let part = phase.string("part")
    if let part, let problem = parts.problem(with: part, use: "decide the reward") {
      phase.error("part", problem)
    }
    let fullMarks = phase.number("full_marks", from: -.infinity) ?? 1
    return phase.passRate("pass_rate").map {
      BinaryPhase(side: side, passRate: $0, window: window, part: part, fullMarks: fullMarks)
    }
  }

  private func passRate(_ key: String) -> Double? {
    guard let rate = number(key, excludingLowest: true) else { return nil }
    if rate > 1 {
      error(key, "is \(JSONValue(plain: rate).serialised()); expected a share above 0 and at most 1")
    }
    return rate
  }
}
