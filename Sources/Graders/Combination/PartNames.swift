import Records

/// The names of a combination's parts, as its other fields may use them.
struct PartNames {
  /// Those that the reward is made of.
  let trained: [String]
  /// Those that are only watched.
  let heldOut: [String]

  var all: [String] { trained + heldOut }

  /// Why a name cannot stand where a part of the reward is named; nil when it can.
  func problem(with name: String, use: String) -> String? {
    if trained.contains(name) { return nil }
    if heldOut.contains(name) {
      return "the part '\(name)' is held out and cannot \(use): what is held out has no part in the reward"
    }
    let hint = EditDistance.nearest(to: name, among: trained).map { "; did you mean '\($0)'?" } ?? ""
    return "there is no grader '\(name)'; the graders are \(trained.joined(separator: ", "))\(hint)"
  }
}

extension DefinitionReader {
  /// Reports every key that is not the name of a part of the reward.
  func reject(besides parts: PartNames, use: String) {
    for key in object.keys {
      if let problem = parts.problem(with: key, use: use) { error(key, problem) }
    }
  }
}
