import Records

/// Finds what a definition asks of the machine that grades: files, folders, interpreters, environment variables. All of
/// it is the operator's, and a client could read it through a grader's answer. Commands are no such thing: they run in
/// the sandbox, with nothing but the answer's code.
enum LocalReach {
  private static let keys = [
    "file", "folders", "python", "test_file", "wordnet", "headers_env", "api_key_env",
  ]
  /// Objects of a definition that have such keys inside.
  private static let inside = ["endpoint", "lambda", "cache"]

  static func check(_ leaf: JSONObject, path: String, _ problems: RequestProblems) {
    var own = leaf
    // There it is the name that the answer's code is saved under.
    if leaf["type"]?.string == "code" { own["file"] = nil }
    report(own, path: path, problems)
    for name in inside {
      guard let object = leaf[name]?.object else { continue }
      report(object, path: "\(path).\(name)", problems)
    }
    for (name, file) in leaf["files"]?.object?.members ?? [] where file["file"] != nil {
      problems.add("\(path).files.\(name)", "names a file of this machine; \(advice)")
    }
  }

  private static func report(_ object: JSONObject, path: String, _ problems: RequestProblems) {
    for key in keys where object[key] != nil && object[key] != .null {
      problems.add("\(path).\(key)", "names something of this machine; \(advice)")
    }
  }

  private static let advice =
    "graders that come through the API bring all they need with them (whoever runs the service can allow more)"
}
