import Records

/// A place in the row or the answer: `item.meta.answer`, `sample.output_json.lines[0]`.
struct VariablePath: Sendable, Hashable {
  /// The two namespaces of a template.
  enum Root: String, CaseIterable {
    case item, sample
  }
  /// What `sample` has; OpenAI's names.
  enum SampleMember: String, CaseIterable {
    case outputText = "output_text"
    case outputJSON = "output_json"
    case outputTools = "output_tools"
  }
  enum Base: Sendable, Hashable {
    case item
    case sample(SampleMember)
  }
  enum Step: Sendable, Hashable {
    case member(String)
    case element(Int)
  }

  let base: Base
  /// The first step of an `item` path is the column's name.
  let steps: [Step]

  /// What a path leads to.
  enum Found {
    case value(JSONValue)
    /// The row lacks it: the data or the definition is wrong, so there can be no reward.
    case rowLacks(GradeFailure)
    /// The answer lacks it: the model did not write what the grader reads.
    case answerLacks(String)
  }

  func find(in sample: GradingSample) -> Found {
    var place: String
    var value: JSONValue
    switch base {
    case .item:
      place = "item"
      value = .object(Self.row(of: sample, for: steps))
    case .sample(.outputText):
      place = "sample.output_text"
      value = .string(sample.outputText)
    case .sample(.outputTools):
      place = "sample.output_tools"
      value = .array(sample.toolCalls.map(\.json))
    case .sample(.outputJSON):
      place = "sample.output_json"
      guard let json = sample.outputJSON else { return .answerLacks("the answer is not JSON") }
      value = json
    }
    for step in steps {
      let next: JSONValue? =
        switch step {
        case .member(let key): value[key]
        case .element(let index):
          value.array?.element(at: index)
        }
      guard let next else { return missing(step, of: value, at: place, exampleID: sample.exampleID) }
      value = next
      place += Self.text(step)
    }
    return .value(value)
  }

  /// The row with `messages` beside the columns, when that is what is asked for: OpenAI shows all top-level keys.
  private static func row(of sample: GradingSample, for steps: [Step]) -> JSONObject {
    guard steps.first == .member("messages"), sample.item["messages"] == nil, !sample.messages.isEmpty
    else { return sample.item }
    return JSONObject([("messages", .array(sample.messages.map(\.json)))])
  }

  private func missing(_ step: Step, of value: JSONValue, at place: String, exampleID: String) -> Found {
    let found: String =
      switch (step, value) {
      case (.member, .object(let object)) where object.isEmpty: "\(place) is empty"
      case (.member, .object(let object)): "\(place) has \(Self.listing(object.keys))"
      case (.element, .array(let elements)):
        "\(place) has \(elements.count) element\(elements.count == 1 ? "" : "s")"
      default: "\(place) is \(value.kind)"
      }
    guard base == .item else { return .answerLacks("there is no \(place)\(Self.text(step)): \(found)") }
    let row = exampleID.isEmpty ? "the item" : "the row '\(exampleID)'"
    return .rowLacks(
      GradeFailure(
        .invalidVariable,
        "\(row) has no \(place)\(Self.text(step)): \(found); add the column or correct the template"))
  }

  private static func listing(_ keys: [String]) -> String {
    keys.prefix(12).joined(separator: ", ") + (keys.count > 12 ? " and \(keys.count - 12) more" : "")
  }

  private static func text(_ step: Step) -> String {
    switch step {
    case .member(let key): ".\(key)"
    case .element(let index): "[\(index)]"
    }
  }
}

extension [JSONValue] {
  /// The element, or no value; spelt out because `nil` alone would be read as the JSON null.
  fileprivate func element(at index: Int) -> JSONValue? {
    indices.contains(index) ? self[index] : JSONValue?.none
  }
}
