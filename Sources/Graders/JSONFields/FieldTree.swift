import Records

/// The rules of a definition by place in an object, and what holds for places that have none.
struct FieldTree: Sendable {
  /// What members that neither the reference nor the rules name do to the score.
  enum Extras: String, Sendable, CaseIterable {
    /// Each counts as one more field, and as a wrong one.
    case penalise
    /// Any of them makes the score 0.
    case forbid
    case ignore
  }

  /// A name's rule, or the rules of its members.
  private indirect enum Entry: Sendable {
    case rule(FieldRule)
    case members(Level)
  }

  private struct Level: Sendable {
    var entries: [String: Entry] = [:]
    var names: [String] = []
  }

  private var root = Level()
  /// For fields of the reference that have no rule.
  private let others: FieldRule
  private let extras: Extras

  /// What an answer scored.
  struct Scores {
    /// Each field's name (`customer.name`), weight and score.
    var fields: [(name: String, weight: Double, score: Double)] = []
    var extraCount = 0

    /// The weighted mean, extras taken into account.
    func total(_ extras: Extras) -> Double {
      if extras == .forbid, extraCount > 0 { return 0 }
      let kept = fields.reduce(0) { $0 + $1.weight * $1.score }
      let all = fields.reduce(0) { $0 + $1.weight } + (extras == .penalise ? Double(extraCount) : 0)
      return kept == all ? 1 : kept / all
    }
  }

  init?(_ reader: DefinitionReader) {
    let before = reader.problems.errorCount
    extras = reader.choice("extra_fields", default: .penalise) ?? .penalise
    others =
      reader.object["other_fields"].flatMap {
        FieldRule($0, path: reader.path(of: "other_fields"), reader: reader)
      } ?? FieldRule(comparison: .exact)
    if let value = reader.object["fields"] {
      guard let fields = value.object, !fields.isEmpty else {
        let found = value.object == nil ? value.kind : "an empty object"
        reader.error("fields", "expected an object from fields to their rules, found \(found)")
        return nil
      }
      for (key, value) in fields.members {
        let path = "\(reader.path(of: "fields")).\(key)"
        let rule = FieldRule(value, path: path, reader: reader)
        let steps = Self.steps(of: key)
        if steps.contains("") {
          reader.problems.error(path, "'\(key)' has an empty name in it; expected names joined by '.'")
        } else if let rule, !Self.insert(rule, at: steps[...], into: &root) {
          reader.problems.error(
            path, "'\(key)' is inside another field that has a rule, or holds one; keep one of the two")
        }
      }
    }
    if reader.problems.errorCount > before { return nil }
  }

  /// `customer.name` is a member of a member; a name that has a dot itself is written as a JSON pointer, `/a.b`.
  private static func steps(of key: String) -> [String] {
    let isPointer = key.utf8.first == UInt8(ascii: "/")
    let parts = (isPointer ? key.dropFirst() : key[...]).split(
      separator: isPointer ? "/" : ".", omittingEmptySubsequences: false
    ).map(String.init)
    return isPointer ? parts.map { $0.replacing("~1", with: "/").replacing("~0", with: "~") } : parts
  }

  private static func insert(_ rule: FieldRule, at steps: ArraySlice<String>, into level: inout Level) -> Bool
  {
    guard let first = steps.first else { return false }
    switch (level.entries[first], steps.count) {
    case (nil, 1): level.entries[first] = .rule(rule)
    case (nil, _):
      var inner = Level()
      guard insert(rule, at: steps.dropFirst(), into: &inner) else { return false }
      level.entries[first] = .members(inner)
    case (.members(var inner)?, 2...):
      guard insert(rule, at: steps.dropFirst(), into: &inner) else { return false }
      level.entries[first] = .members(inner)
      return true
    default: return false
    }
    level.names.append(first)
    return true
  }

  /// Compares an answer with the reference. An answer that is no object scores 0 everywhere.
  ///
  /// - Throws: `invalidVariable` when the reference lacks a field that has a rule and is not optional, or has it in
  ///   another kind.
  func scores(
    _ answer: JSONValue?, reference: JSONObject, sample: GradingSample
  ) throws(GradeFailure) -> (scores: Scores, total: Double) {
    var scores = Scores()
    try compare(answer?.object, reference, root, prefix: "", sample, into: &scores)
    guard answer?.object != nil else {
      for index in scores.fields.indices { scores.fields[index].score = 0 }
      return (scores, 0)
    }
    return (scores, scores.total(extras))
  }

  private func compare(
    _ answer: JSONObject?, _ reference: JSONObject, _ level: Level, prefix: String, _ sample: GradingSample,
    into scores: inout Scores
  ) throws(GradeFailure) {
    // The reference's order first, so that reports read like the data.
    for key in reference.keys + level.names.filter({ reference[$0] == nil }) {
      let name = prefix + key
      let expected = reference[key]
      let rule: FieldRule
      switch level.entries[key] {
      case .members(let inner):
        guard expected == nil || expected == .null || expected?.object != nil else {
          throw missing(
            name, "is \(expected?.kind ?? "nothing"), and there are rules for its members", sample)
        }
        try compare(
          answer?[key]?.object, expected?.object ?? JSONObject(), inner, prefix: name + ".", sample,
          into: &scores)
        continue
      case .rule(let own): rule = own
      case nil: rule = others
      }
      if rule.comparison == .ignore { continue }
      if expected == nil, rule.isOptional {
        // Rightly left out is no merit: a field that is in neither has no part in the score.
        if answer?[key] ?? .null != .null { scores.fields.append((name, rule.weight, 0)) }
        continue
      }
      guard let expected else {
        throw missing(name, "is not there; add it to the data or mark the rule 'optional: true'", sample)
      }
      let score = try rule.score(answer?[key], reference: expected, field: name, sample: sample)
      scores.fields.append((name, rule.weight, score))
    }
    guard let answer else { return }
    for key in answer.keys where reference[key] == nil && level.entries[key] == nil { scores.extraCount += 1 }
  }

  private func missing(_ name: String, _ problem: String, _ sample: GradingSample) -> GradeFailure {
    let row = sample.exampleID.isEmpty ? "" : " of the row '\(sample.exampleID)'"
    return GradeFailure(.invalidVariable, "the field '\(name)' of the reference\(row) \(problem)")
  }
}
