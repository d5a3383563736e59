import Records

extension CombinationGrader {
  /// One of the graders that are combined.
  struct Part: Sendable {
    let name: String
    let grader: any Grader
    /// Watched and not trained on.
    let isHeldOut: Bool
    let clip: Bounds
    let gate: Gate?
    /// The place of the part that a ``SiblingGrader`` goes by.
    let sibling: Int?
  }

  /// A part as it is written down.
  struct PartDefinition {
    let name: String
    let definition: JSONValue
    let path: String
    var isHeldOut: Bool { definition["held_out"]?.bool ?? false }
  }

  static func definitions(_ reader: DefinitionReader) -> [PartDefinition] {
    let path = reader.path(of: "graders")
    switch reader.object["graders"] {
    case .object(let object) where !object.isEmpty:
      return object.members.map {
        PartDefinition(name: $0.key, definition: $0.value, path: "\(path).\($0.key)")
      }
    case .array(let list) where !list.isEmpty:
      var places: [String: Int] = [:]
      return list.enumerated().compactMap { index, definition in
        guard let name = definition["name"]?.string else {
          reader.problems.error("\(path)[\(index)].name", "missing; graders in a list need names")
          return nil
        }
        if let first = places.updateValue(index, forKey: name) {
          reader.problems.error(
            "\(path)[\(index)].name", "'\(name)' is also the name of graders[\(first)]; names must differ")
        }
        return PartDefinition(name: name, definition: definition, path: "\(path)[\(index)]")
      }
    case let other:
      let found = other.map { $0.array != nil || $0.object != nil ? "an empty one" : $0.kind } ?? "nothing"
      reader.error(
        "graders", "expected a map from names to graders, or a list of graders with names; found \(found)")
      return []
    }
  }

  /// The compiled parts; nil when one of them was reported.
  static func parts(
    _ definitions: [PartDefinition], _ names: PartNames, _ reader: DefinitionReader
  ) -> [Part]? {
    let graders = definitions.map { part in
      GraderCompiler.make(
        part.definition, path: part.path, name: part.name, problems: reader.problems,
        surroundings: reader.surroundings)
    }
    let gates = reader.gates(among: names)
    let clips = clips(reader, names)
    var parts: [Part] = []
    for (part, grader) in zip(definitions, graders) {
      guard let grader else { continue }
      let sibling = (grader as? any SiblingGrader).map { grader in
        place(of: grader.sibling, for: part, definitions, graders, reader)
      }
      parts.append(
        Part(
          name: part.name, grader: grader, isHeldOut: part.isHeldOut, clip: clips[part.name] ?? Bounds(),
          gate: gates[part.name], sibling: sibling ?? nil))
    }
    return parts.count == definitions.count ? parts : nil
  }

  private static func clips(_ reader: DefinitionReader, _ names: PartNames) -> [String: Bounds] {
    guard let value = reader.object["clip"] else { return [:] }
    guard let object = value.object else {
      reader.error("clip", "expected a map from parts to bounds such as {\"a\": [0, 1]}, found \(value.kind)")
      return [:]
    }
    let clips = reader.inside(object, path: reader.path(of: "clip"))
    clips.reject(besides: names, use: "be clipped")
    return Dictionary(object.keys.map { ($0, clips.bounds($0) ?? Bounds()) }) { $1 }
  }

  /// The place of the part that another goes by; nil when it cannot, which is then reported.
  private static func place(
    of name: String, for part: PartDefinition, _ definitions: [PartDefinition], _ graders: [(any Grader)?],
    _ reader: DefinitionReader
  ) -> Int? {
    let others = definitions.map(\.name).filter { $0 != part.name }
    let path = part.path + ".among"
    guard let place = definitions.firstIndex(where: { $0.name == name }), name != part.name else {
      let hint = EditDistance.nearest(to: name, among: others).map { "; did you mean '\($0)'?" } ?? ""
      reader.problems.error(
        path,
        "there is no other grader '\(name)' beside it; there are \(others.joined(separator: ", "))\(hint)")
      return nil
    }
    if graders[place] is any SiblingGrader {
      reader.problems.error(
        path, "'\(name)' goes by another part itself; name the part that says what is right")
    } else if definitions[place].isHeldOut, !part.isHeldOut {
      reader.problems.error(
        path, "the part '\(name)' is held out, and would have a part in the reward through '\(part.name)'")
    }
    return place
  }
}
