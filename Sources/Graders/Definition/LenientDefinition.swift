package import Records

/// A grader's definition with its demands on form left out: how many answers are right when nobody minds how they are
/// put. Beside the strict rate and the share in form it tells a gain in skill from one in format.
///
/// Only kinds that cost nothing to ask twice are relaxed; a definition with none of them has no lenient form.
package enum LenientDefinition {
  /// The relaxed definition, or nil when it would be the same.
  package static func of(_ definition: JSONValue) -> JSONValue? {
    guard var object = definition.object, let type = object["type"]?.string.flatMap(GraderType.init) else {
      return nil
    }
    switch type {
    case .stringCheck:
      guard object["operation"]?.string == "eq" || object["operation"]?.string == "like" else { return nil }
      object["operation"] = "ilike"
    case .number:
      // The last number, wherever it stands.
      let picks = object["pick"]?.string
      guard object["marker"] != nil || (picks != nil && picks != "last") else { return nil }
      object["marker"] = nil
      object["pick"] = "last"
    case .regex:
      guard object["match"]?.string == "full" || object["case_insensitive"]?.bool != true else { return nil }
      object["match"] = "search"
      object["case_insensitive"] = true
    case .multi:
      guard let parts = relaxed(parts: object) else { return nil }
      object["graders"] = parts
    default: return nil
    }
    return .object(object)
  }

  /// The parts of a combination; nil when none changes, or when one of the others would have to be paid for again.
  private static func relaxed(parts object: JSONObject) -> JSONValue? {
    var changed = false
    func relax(_ part: JSONValue) -> JSONValue {
      guard let lenient = of(part) else { return part }
      changed = true
      return lenient
    }
    let parts: JSONValue
    switch object["graders"] {
    case .object(let graders):
      guard graders.members.allSatisfy({ isFree($0.value) }) else { return nil }
      parts = .object(JSONObject(graders.members.map { ($0.key, relax($0.value)) }))
    case .array(let graders):
      guard graders.allSatisfy(isFree) else { return nil }
      parts = .array(graders.map(relax))
    default: return nil
    }
    // Not by ?:, in which nil would be JSON's null.
    guard changed else { return nil }
    return parts
  }

  /// Whether a grader is arithmetic on the text alone: no process, no network.
  private static func isFree(_ definition: JSONValue) -> Bool {
    guard let type = definition["type"]?.string.flatMap(GraderType.init) else { return false }
    switch type {
    case .stringCheck, .number, .regex, .json, .length, .rules, .brevity, .textSimilarity, .repetition,
      .language:
      return true
    default: return false
    }
  }
}
