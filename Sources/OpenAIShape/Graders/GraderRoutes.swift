import Gateway
import Graders
import Hummingbird
import Records
import Store

/// `/fine_tuning/alpha/graders`: a grader checked, and tried on one answer.
struct GraderRoutes: Sendable {
  let graders: GraderAdmission

  func add(to group: RouterGroup<APIContext>) {
    group.post("fine_tuning/alpha/graders/run") { request, context in
      try await context.whileClientStays { try await run(request, context) }
    }
    group.post("fine_tuning/alpha/graders/validate") { request, context in
      try await context.whileClientStays { try await validate(request, context) }
    }
  }

  private func validate(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .read)
    let problems = RequestProblems()
    let reader = FieldReader(try await request.jsonObject(limit: 4 << 20), problems: problems)
    _ = try await admitted(reader, for: caller.project)
    let normal = DefinitionWalk.map(reader.object["grader"] ?? .null, path: "grader") { leaf, _ in leaf }
    return .json(["grader": normal])
  }

  /// A grader that fails is an answer with flags; only a grader that is none is a mistake of the request.
  private func run(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    let problems = RequestProblems()
    let reader = FieldReader(try await request.jsonObject(limit: 16 << 20), problems: problems)
    if reader.value("model_sample") == nil {
      reader.error("model_sample", "is missing; expected the text of an answer")
    }
    let answer = reader.string("model_sample", longest: 16 << 20)
    let item = reader.object("item", "an object, the columns of a row") ?? JSONObject()
    let grader = try await admitted(reader, for: caller.project)
    let sample = GradingSample(outputText: answer ?? "", item: item)
    let grade = await Self.grade(sample, grader, seconds: graders.hosting.trialSeconds)
    return .json(GraderRunReport(grade, by: grader.identity).json)
  }

  private func admitted(_ reader: FieldReader, for project: Project) async throws -> any Grader {
    guard let definition = reader.value("grader") else {
      reader.error("grader", "is missing; expected a grader")
      try reader.problems.check()
      throw APIFailure(.invalid, "grader: is missing", param: "grader")
    }
    let admitted = try await graders.admit(
      definition, path: "grader", for: project, problems: reader.problems)
    try reader.problems.check()
    guard let admitted else { throw APIFailure(.invalid, "grader: cannot be used", param: "grader") }
    return admitted.grader
  }

  /// One grade; graders have deadlines of their own, and this one is for all of them together.
  private static func grade(_ sample: GradingSample, _ grader: any Grader, seconds: Double) async -> Grade {
    await withTaskGroup(of: Grade?.self) { group in
      group.addTask { await grader.checkedGrades(of: [sample]).first }
      group.addTask {
        guard (try? await Task.sleep(for: .seconds(seconds))) != nil else { return nil }
        return Grade(
          .failed(
            GradeFailure(
              .other, "the trial took longer than \(seconds) s", cause: .timeOut,
              grader: grader.identity.name)), latencySeconds: seconds)
      }
      let first = await group.next() ?? nil
      group.cancelAll()
      return first ?? Grade(.failed(GradeFailure(.other, "the grader gave no grade")))
    }
  }
}
