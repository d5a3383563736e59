import Records

/// A stretch of an answer whose tokens a brevity grader counts, and what they are held against.
struct MeasuredStretch: Sendable {
  enum Place: String, Sendable, CaseIterable {
    case whole
    /// Up to and including the tag that closes the thinking block.
    case thinking
    /// What comes after the thinking block.
    case answer

    /// Its tokens; nil where they were not counted.
    func length(of sample: GradingSample) -> Int? {
      switch self {
      case .whole: sample.generatedTokens
      case .thinking: sample.thinkingTokens
      case .answer: sample.generatedTokens.flatMap { all in sample.thinkingTokens.map { all - $0 } }
      }
    }

    var uncounted: GradeFailure {
      let remedy =
        self == .whole
        ? "only sampled answers have one; use 'unit: words' of a length grader to grade plain text"
        : "only sampled answers have one, and only where the plan says what closes a thinking block (sampling.thinking)"
      return GradeFailure(.other, "the sample has no token count for '\(rawValue)': \(remedy)")
    }
  }

  /// The middle of a group's right answers.
  enum Centre: String, Sendable, CaseIterable {
    case mean, median

    func of(_ values: [Double]) -> Double {
      switch self {
      case .mean: return values.reduce(0, +) / Double(values.count)
      case .median:
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
      }
    }
  }

  enum Measure: Sendable {
    case group(Centre)
    /// Full up to the budget, none from `falloff` tokens beyond it.
    case budget(Scheduled, falloff: Double?)
  }

  let place: Place
  let measure: Measure
  let weight: Double

  /// What each of the right answers earns, 0 to 1; shorter never earns less.
  func scores(of lengths: [Double], at moment: GradingMoment) -> [Double] {
    guard !lengths.isEmpty else { return [] }
    switch measure {
    case .group(let centre):
      let middle = centre.of(lengths)
      return lengths.map { length in
        let ratio = middle > 0 ? length / middle : length > 0 ? 2 : 1
        return max(0, 1 - ratio / 2)
      }
    case .budget(let budget, let falloff):
      let budget = budget.value(at: moment)
      let falloff = falloff ?? budget
      return lengths.map { length in
        let beyond = length - budget
        return beyond <= 0 ? 1 : falloff > 0 ? max(0, 1 - beyond / falloff) : 0
      }
    }
  }
}

extension DefinitionReader {
  /// `{"budget": 200}` or `{"against": "median"}`, each with a `weight`; nil when it is absent or was reported.
  func measuredStretch(_ place: MeasuredStretch.Place) -> MeasuredStretch? {
    guard let value = object[place.rawValue] else { return nil }
    guard let object = value.object else {
      error(
        place.rawValue,
        "expected an object such as {\"budget\": 100} or {\"against\": \"median\"}, found \(value.kind)")
      return nil
    }
    let stretch = inside(object, path: path(of: place.rawValue))
    stretch.rejectKeys(besides: ["against", "budget", "falloff", "weight"], of: "a stretch of the answer")
    let weight = stretch.number("weight", excludingLowest: true) ?? 1
    guard object["budget"] != nil else {
      if object["falloff"] != nil {
        stretch.error("falloff", "has no effect without 'budget', beyond which the score falls")
      }
      let centre: MeasuredStretch.Centre? = stretch.choice("against", default: .median)
      return centre.map { MeasuredStretch(place: place, measure: .group($0), weight: weight) }
    }
    if object["against"] != nil {
      stretch.error("against", "given beside 'budget'; hold the stretch against one of them")
    }
    let falloff = stretch.number("falloff")
    return stretch.scheduled("budget").map {
      MeasuredStretch(place: place, measure: .budget($0, falloff: falloff), weight: weight)
    }
  }
}
