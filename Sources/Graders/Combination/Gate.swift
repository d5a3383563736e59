import Records

/// What must hold of other parts for a part to count.
struct Gate: Sendable {
  /// Names of the parts that must pass; all of them.
  let requires: [String]
  /// The least reward of theirs that passes.
  let atLeast: Scheduled

  /// Whether the gate is open, given the rewards that the parts earned themselves, whatever their own gates say.
  func isOpen(_ rewards: [String: Double], at moment: GradingMoment) -> Bool {
    let level = atLeast.value(at: moment) - FullMarks.tolerance
    return requires.allSatisfy { (rewards[$0] ?? -.infinity) >= level }
  }
}

/// The level at which a reward is full.
enum FullMarks {
  /// 0.7 + 0.2 + 0.1 is a little below 1 in binary, and meant to be full.
  static let tolerance = 1e-9
}

extension DefinitionReader {
  /// The gates of a combination by the part that each is before: `{"quality": "correct"}`, or with a level
  /// `{"quality": {"requires": ["correct", "safe"], "at_least": 0.5}}`.
  func gates(among parts: PartNames) -> [String: Gate] {
    guard let value = object["gates"] else { return [:] }
    guard let object = value.object else {
      error("gates", "expected a map from parts to what they require, found \(value.kind)")
      return [:]
    }
    let gates = inside(object, path: path(of: "gates"))
    gates.reject(besides: parts, use: "be gated")
    var found: [String: Gate] = [:]
    for (key, value) in object.members {
      let gate =
        if let object = value.object {
          gates.inside(object, path: gates.path(of: key))
        } else {
          gates.inside(JSONObject([("requires", value)]), path: gates.path(of: key))
        }
      gate.rejectKeys(besides: ["requires", "at_least"], of: "a gate")
      let level = gate.scheduled("at_least", from: -.infinity) ?? Scheduled(1)
      guard let required = gate.required(of: key, among: parts) else { continue }
      found[key] = Gate(requires: required, atLeast: level)
    }
    return found
  }

  private func required(of part: String, among parts: PartNames) -> [String]? {
    let value = object["requires"]
    let elements = value?.array ?? value.map { [$0] } ?? []
    let names = elements.compactMap(\.string)
    guard !names.isEmpty, names.count == elements.count else {
      let found = value.map { $0.serialised(.spaced) } ?? "nothing"
      error("requires", "expected the name of a part, or a list of names; found \(found)")
      return nil
    }
    for name in names {
      if name == part {
        error("requires", "the part '\(part)' requires itself; name another part")
      } else if let problem = parts.problem(with: name, use: "decide whether another counts") {
        error("requires", problem)
      }
    }
    return names
  }
}
