import Records

/// The grades that a reward Lambda gave back, by id.
///
/// Two forms are read: the list itself (Nova, Bedrock) and an HTTP envelope whose body is the list or its JSON text
/// (SageMaker's open-weight models). Keys beyond those documented are passed over.
struct LambdaReply: Sendable {
  private var grades: [String: Result<Grade, GradeFailure>] = [:]

  init(_ json: JSONValue) throws(LambdaFailure) {
    for (index, element) in try Self.list(json).enumerated() {
      guard let id = element["id"]?.string else {
        throw .answer(
          GradeFailure(
            .other,
            "element \(index) of the Lambda's answer has no id; expected the id of the sample it grades",
            cause: .malformed))
      }
      let grade = Self.grade(element)
      if grades.updateValue(grade, forKey: id) != nil {
        grades[id] = .failure(
          GradeFailure(.other, "the Lambda's answer has the id '\(id)' more than once", cause: .malformed))
      }
    }
  }

  func grade(of id: String) -> Result<Grade, GradeFailure> {
    grades[id]
      ?? .failure(
        GradeFailure(
          .other, "the Lambda's answer has no element with the id '\(id)'; expected one for every sample",
          cause: .malformed))
  }

  private static func list(_ json: JSONValue) throws(LambdaFailure) -> [JSONValue] {
    if let list = json.array { return list }
    if let status = json["statusCode"]?.integer {
      let body = json["body"]
      guard (200..<300).contains(status) else {
        let said = (body?.string ?? body?.serialised() ?? "").tail
        throw .answer(
          GradeFailure(
            .other, "the Lambda answered with the status \(status)" + (said.isEmpty ? "" : ": \(said)"),
            cause: .httpStatus))
      }
      if let list = body?.array { return list }
      if let text = body?.string {
        do throws(JSONSyntaxError) {
          if let list = try JSONValue(parsing: text).array { return list }
        } catch {
          throw .answer(
            GradeFailure(
              .other, "the body of the Lambda's answer is not JSON: \(error.description)", cause: .malformed))
        }
      }
    }
    throw .answer(
      GradeFailure(
        .other,
        "the Lambda answered \(json.kind): \(json.serialised().tail); expected a list of {id, "
          + "aggregate_reward_score}, or {statusCode, body} around one", cause: .malformed))
  }

  private static func grade(_ element: JSONValue) -> Result<Grade, GradeFailure> {
    guard let score = element["aggregate_reward_score"]?.double, score.isFinite else {
      let found =
        element["aggregate_reward_score"].map { "an aggregate_reward_score that is \($0.serialised().tail)" }
        ?? "no aggregate_reward_score"
      return .failure(
        GradeFailure(.other, "the Lambda gave \(found); expected a number", cause: .wrongType))
    }
    var grade = Grade(.reward(score))
    var passedOver = 0
    for entry in element["metrics_list"]?.array ?? [] {
      // Samples exist that send the values of metrics as text.
      let value = entry["value"]?.double ?? entry["value"]?.string.flatMap(Double.init)
      guard let name = entry["name"]?.string, let value, value.isFinite else {
        passedOver += 1
        continue
      }
      switch entry["type"]?.string {
      case "Reward": grade.subRewards.append(Grade.SubReward(name, value))
      case "Metric": grade.metrics[name] = value
      default: passedOver += 1
      }
    }
    if passedOver > 0 { grade.metrics["metrics_list_passed_over"] = Double(passedOver) }
    return .success(grade)
  }
}
