import Records

/// Reads an answer as JSON, holds it against a schema, and compares its fields with a reference.
///
/// What it pays for are up to three parts: `parses`, `schema` (1 or 0) and `fields` (the weighted share of fields that
/// are right). Each part and each field is a sub-reward.
struct JSONGrader: SampleGrader {
  /// The parts of the reward, from what is easily got to what is asked for in the end.
  enum Part: String, CaseIterable {
    case parses, schema, fields
  }
  let identity: GraderIdentity
  private let input: Template
  private let take: JSONTake
  private let schema: JSONSchema?
  private let comparison: Comparison?
  private let weights: [(part: Part, weight: Double)]
  private let requiresSchema: Bool

  private struct Comparison: Sendable {
    let reference: Template
    let fields: FieldTree
  }

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    let ofFields = ["fields", "other_fields", "extra_fields"]
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["input", "take", "schema", "require_schema", "reference"]
        + ofFields
        + ["weights"], of: "a json grader")
    input = reader.template("input") ?? .outputText
    take = reader.choice("take", default: .whole) ?? .whole
    schema = reader.object["schema"].flatMap {
      JSONSchema.compile($0, path: reader.path(of: "schema"), problems: reader.problems)
    }
    requiresSchema = reader.bool("require_schema", default: false)
    if requiresSchema, reader.object["schema"] == nil || reader.object["reference"] == nil {
      reader.error("require_schema", "has no effect without both 'schema' and 'reference'; leave it out")
    }
    if reader.object["reference"] == nil {
      for key in ofFields where reader.object[key] != nil {
        reader.error(key, "has no effect without 'reference', such as {{item.answer}}")
      }
      comparison = nil
    } else {
      let reference = reader.template("reference")
      if let literal = reference?.literal, (try? JSONValue(parsing: literal))?.object == nil {
        reader.error("reference", "'\(literal)' is not a JSON object; expected one, or a template for one")
      }
      if reference?.readsAnswer == true {
        reader.error(
          "reference", "reads the answer, which would be compared with itself; use a column of the row")
      }
      let fields = FieldTree(reader)
      if let reference, let fields {
        comparison = Comparison(reference: reference, fields: fields)
      } else {
        comparison = nil
      }
    }
    let there = Part.allCases.filter {
      $0 == .parses || reader.object[$0 == .schema ? "schema" : "reference"] != nil
    }
    weights = Self.weights(reader, there)
    self.identity = identity
  }

  /// Without weights the reward is the last part alone.
  private static func weights(_ reader: DefinitionReader, _ parts: [Part]) -> [(part: Part, weight: Double)] {
    guard let value = reader.object["weights"] else { return parts.map { ($0, $0 == parts.last ? 1 : 0) } }
    let names = parts.map(\.rawValue)
    guard let object = value.object else {
      reader.error("weights", "expected an object with \(names.joined(separator: ", ")); found \(value.kind)")
      return []
    }
    let own = reader.inside(object, path: reader.path(of: "weights"))
    for (part, key) in [(Part.schema, "schema"), (.fields, "reference")]
    where object[part.rawValue] != nil && !parts.contains(part) {
      own.error(part.rawValue, "has no effect without '\(key)'")
    }
    own.rejectKeys(besides: Part.allCases.map(\.rawValue), of: "the list of parts")
    let weights = parts.map { (part: $0, weight: own.number($0.rawValue) ?? 0) }
    if weights.allSatisfy({ $0.weight == 0 }) {
      reader.error("weights", "are all 0; at least one must be above")
    }
    return weights
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    // Read even where the answer is not JSON, so that a row without a reference fails whatever was answered.
    var reference: JSONObject?
    if let comparison {
      switch try comparison.reference.render(sample) {
      case .text(let text): reference = try Self.object(text, of: comparison.reference, sample)
      case .answerLacks(let reason): return .unreadable(reason)
      }
    }
    let (answer, problem) = try self.answer(sample)
    var scores: [Part: Double] = [.parses: answer == nil ? 0 : 1]
    var subRewards: [Grade.SubReward] = []
    var metrics: [String: Double] = ["answer_found": answer == nil ? 0 : 1]
    var tail = problem
    if let schema {
      let violations = try answer.map { answer throws(GradeFailure) in try schema.violations(of: answer) }
      scores[.schema] = violations?.isEmpty == true ? 1 : 0
      tail += violations.map { $0.map(\.description).joined(separator: "\n") } ?? ""
    }
    if let comparison, let reference {
      let (fields, total) = try comparison.fields.scores(answer, reference: reference, sample: sample)
      scores[.fields] = requiresSchema && scores[.schema] == 0 ? 0 : total
      subRewards = fields.fields.map { Grade.SubReward("fields/\($0.name)", $0.score) }
      metrics["extra_fields"] = Double(fields.extraCount)
    }
    if answer == nil { metrics[Grade.sampleParseError] = 1 }
    let kept = weights.reduce(0) { $0 + $1.weight * scores[$1.part, default: 0] }
    let all = weights.reduce(0) { $0 + $1.weight }
    return Grade(
      .reward(kept == all ? 1 : kept / all),
      subRewards: weights.map { Grade.SubReward($0.part.rawValue, scores[$0.part, default: 0]) } + subRewards,
      metrics: metrics, outputTail: tail)
  }

  /// The answer's JSON, or why there is none.
  private func answer(_ sample: GradingSample) throws(GradeFailure) -> (JSONValue?, problem: String) {
    if take == .whole, input.isOutputText, let json = sample.outputJSON { return (json, "") }
    switch try input.render(sample) {
    case .answerLacks(let reason): return (nil, reason)
    case .text(let text):
      do throws(JSONTakeError) {
        return (try take.read(text), "")
      } catch {
        return (nil, error.message)
      }
    }
  }

  private static func object(
    _ text: String, of template: Template, _ sample: GradingSample
  ) throws(GradeFailure) -> JSONObject {
    if let object = (try? JSONValue(parsing: text))?.object { return object }
    let row = sample.exampleID.isEmpty ? "" : " of the row '\(sample.exampleID)'"
    throw GradeFailure(
      .invalidVariable,
      "the reference \(template.source)\(row) is '\(text.prefix(80))'; expected a JSON object")
  }
}
