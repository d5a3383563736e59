import Graders
import Records
import Store

/// Takes a grader that came from a client: checks what it asks of this machine, puts our own definitions in the place
/// of Lambdas, and compiles it.
struct GraderAdmission: Sendable {
  /// A grader that may run here.
  struct Admitted: Sendable {
    /// In our own terms, for a job's plan.
    var definition: JSONValue
    var grader: any Grader
    var warnings: [String]
  }

  let hosting: GraderHosting
  let models: ServedModels

  /// - Returns: nil when problems were reported.
  func admit(_ definition: JSONValue, path: String, for project: Project, problems: RequestProblems)
    async throws -> Admitted?
  {
    try await checkJudges(definition, path: path, project, problems)
    let surroundings = hosting.surroundings(project)
    let own = DefinitionWalk.map(definition, path: path) { leaf, path in
      if !hosting.admitsLocal { LocalReach.check(leaf, path: path, problems) }
      RemoteReach.check(leaf, path: path, problems)
      return replaced(leaf, path: path, surroundings, problems)
    }
    guard problems.isEmpty else { return nil }
    // Compiling may start an interpreter that parses the grader's source.
    let compilation = try await blocking {
      GraderCompiler.check(own, path: path, surroundings: surroundings)
    }
    var warnings: [String] = []
    for diagnostic in compilation.diagnostics {
      switch diagnostic.severity {
      case .error: problems.add(diagnostic.path, diagnostic.message)
      case .warning: warnings.append("\(diagnostic.path): \(diagnostic.message)")
      }
    }
    return compilation.grader.map { Admitted(definition: own, grader: $0, warnings: warnings) }
  }

  /// What a client may say of a Lambda that is registered here: how it is called, not where, nor how often.
  private static let callersChoice = [
    "timeout", "deadline", "retries", "batch_size", "batch_wait", "reference_form",
  ]

  /// A Lambda that is registered here, in the words of its definition.
  private func replaced(
    _ leaf: JSONObject, path: String, _ surroundings: GraderSurroundings, _ problems: RequestProblems
  ) -> JSONObject {
    guard leaf["type"]?.string == "lambda", let lambda = leaf["lambda"]?.object,
      let function = lambda["function"]?.string
    else { return leaf }
    let parts = function.split(separator: ":", omittingEmptySubsequences: false)
    // As it was written, then without its version, then by its name alone.
    let names = [
      function, parts.prefix(7).joined(separator: ":"), String(parts.count > 6 ? parts[6] : parts[0]),
    ]
    if var registered = names.lazy.compactMap({ hosting.lambdas[$0]?.object }).first {
      if let given = leaf["name"] { registered["name"] = given }
      if var own = registered["lambda"]?.object {
        for key in Self.callersChoice { if let given = lambda[key], given != .null { own[key] = given } }
        registered["lambda"] = .object(own)
      }
      return registered
    }
    let hasEndpoint =
      lambda["endpoint_url"] != nil
      || ["AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL"].contains {
        surroundings.environment[$0]?.isEmpty == false
      }
    if !hasEndpoint {
      problems.add(
        "\(path).lambda.function",
        "'\(function.prefix(200))' is not registered with this service, and it knows no endpoint for Lambdas; "
          + (hosting.lambdas.isEmpty
            ? "register a grader under that name"
            : "registered: \(hosting.lambdas.keys.sorted().joined(separator: ", "))"))
    }
    return leaf
  }

  /// A judge that would be asked here must be here.
  private func checkJudges(
    _ definition: JSONValue, path: String, _ project: Project, _ problems: RequestProblems
  ) async throws {
    guard hosting.servesJudges else { return }
    for (leaf, path) in DefinitionWalk.leaves(of: definition, path: path)
    where ["score_model", "label_model", "pairwise_model"].contains(leaf["type"]?.string) {
      guard let model = leaf["model"]?.string, leaf["endpoint"]?["base_url"] == nil else { continue }
      guard try await models.find(model, for: project) == nil else { continue }
      problems.add(
        "\(path).model",
        "'\(model.prefix(200))' is no model of this service, which asks its judges here; it has "
          + "\(models.baseNames.joined(separator: ", ")). Name one of them, or set endpoint.base_url",
        code: "model_not_found")
    }
  }
}
