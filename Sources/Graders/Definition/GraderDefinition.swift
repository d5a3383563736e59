package import Records

/// What can be done with a grader's definition without compiling it.
package enum GraderDefinition {
  /// The definition with the files it names given by whole paths, so that it can be kept in another folder.
  package static func absolute(_ definition: JSONValue, folder: String) -> JSONValue {
    guard var object = definition.object, let type = object["type"]?.string.flatMap(GraderType.init) else {
      return definition
    }
    switch type {
    case .python, .pythonFunction, .reasoningGym:
      object = whole(object, ["file", "python", "folders"], folder)
    case .code:
      object = whole(object, ["test_file", "python", "folders"], folder)
      if let files = object["files"]?.object {
        object["files"] = .object(
          JSONObject(
            files.members.map { name, file in
              (name, file.object.map { .object(whole($0, ["file"], folder)) } ?? file)
            }))
      }
    case .lambda:
      if let lambda = object["lambda"]?.object {
        object["lambda"] = .object(whole(lambda, ["file", "python", "folders"], folder))
      }
    case .scoreModel, .labelModel, .pairwiseModel:
      if let cache = object["cache"]?.object { object["cache"] = .object(whole(cache, ["file"], folder)) }
    case .multi:
      switch object["graders"] {
      case .object(let parts):
        object["graders"] = .object(
          JSONObject(parts.members.map { ($0.key, absolute($0.value, folder: folder)) }))
      case .array(let parts): object["graders"] = .array(parts.map { absolute($0, folder: folder) })
      default: break
      }
    case .textSimilarity: object = whole(object, ["wordnet"], folder)
    case .stringCheck, .number, .regex, .json, .length, .rules, .brevity, .budget, .endpoint, .repetition,
      .language:
      break
    }
    return .object(object)
  }

  /// `python` may be a program's name, which is looked up on the path.
  private static func whole(_ object: JSONObject, _ keys: [String], _ folder: String) -> JSONObject {
    var object = object
    for key in keys {
      switch object[key] {
      case .string(let path) where key != "python" || path.contains("/"):
        object[key] = .string(whole(path, folder))
      case .array(let paths):
        object[key] = .array(paths.map { $0.string.map { .string(whole($0, folder)) } ?? $0 })
      default: break
      }
    }
    return object
  }

  private static func whole(_ path: String, _ folder: String) -> String {
    path.isEmpty || path.hasPrefix("/") ? path : "\(folder)/\(path)"
  }
}
