import Records

extension Grade {
  /// The metric that is 1 where the answer was not in the form that the grader reads (OpenAI's `sample_parse_error`).
  package static let sampleParseError = GradeFailure.Kind.sampleParse.rawValue

  /// The grade of an answer that lacks what the grader reads from it: the model's mistake, so a reward of 0, marked by
  /// a metric. A failure here would take the episode out of its group, and the model would never learn the form.
  static func unreadable(_ reason: String) -> Grade {
    Grade(.reward(0), metrics: [sampleParseError: 1], outputTail: reason)
  }
}

extension Grade {
  /// Whether the answer had what the grader and its parts read from it: format, apart from skill.
  package var isReadable: Bool {
    metrics.allSatisfy { name, value in
      if name == Self.sampleParseError { return value == 0 }
      return value != 0 || !(name == "answer_found" || name.hasSuffix("/answer_found"))
    }
  }
}
