import Records

/// One field of a plan, described once: the reader, `--set`, the diagnostics, the writer and the reference
/// page all work from this.
package struct PlanField: Sendable {
  /// The address in the file, for example `algorithm.kl.coefficient`.
  package let path: String
  package let kind: Kind
  /// One sentence for the reference page.
  package let doc: String
  /// What the reference page says of a default that is not one fixed value; nil prints the value itself.
  let defaultNote: String?
  /// The value to write for a resolved plan, or nil when the field has no place in that plan.
  let get: @Sendable (Plan) -> JSONValue?
  /// Puts in a value that has passed `kind`.
  let set: @Sendable (inout Plan, JSONValue) -> Void

  /// What a field takes.
  package enum Kind: Sendable {
    case integer(ClosedRange<Int>)
    case number(NumberRange)
    /// True or false.
    case flag
    case text
    /// A file that must be there; relative to the plan's folder.
    case file
    /// The name of a known model, or a path that is resolved when it is one.
    case model
    /// A folder that must be there: a run's, or one of its checkpoints'.
    case run
    case choice([String])
    case texts
    case choices([String])
    /// A grader's definition, or the path of a JSON or YAML file that holds one.
    case grader
    /// The word `off` in place of a section.
    case off

    /// "a whole number of at least 1": ends the sentence "expected ...".
    package var expectation: String {
      switch self {
      case .integer(let range): Self.describe(range)
      case .number(let range): range.description
      case .flag: "true or false"
      case .text: "a text"
      case .file: "the path of a file"
      case .model: "a model's name or path"
      case .run: "the path of a run folder or of a checkpoint inside one"
      case .choice(let words): "one of " + words.joined(separator: ", ")
      case .texts: "a list of texts"
      case .choices(let words): "a list of " + words.joined(separator: ", ")
      case .grader: "a grader's definition or the path of a file that holds one"
      case .off: "the word off or a section"
      }
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
      range.upperBound == .max
        ? "a whole number of at least \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    }
  }

  init(
    _ path: String, _ kind: Kind, _ doc: String, defaultNote: String? = nil,
    get: @escaping @Sendable (Plan) -> JSONValue?, set: @escaping @Sendable (inout Plan, JSONValue) -> Void
  ) {
    self.path = path
    self.kind = kind
    self.doc = doc
    self.defaultNote = defaultNote
    self.get = get
    self.set = set
  }

  /// The path without its last part; empty for a field at the top.
  package var section: String { path.split(separator: ".").dropLast().joined(separator: ".") }
  /// The last part of the path.
  package var key: String { path.split(separator: ".").last.map(String.init) ?? path }
}

/// An interval of numbers, each end open, closed or missing.
package struct NumberRange: Sendable, CustomStringConvertible {
  let low: Double
  let includesLow: Bool
  let high: Double
  let includesHigh: Bool

  static let any = NumberRange(low: -.infinity, includesLow: false, high: .infinity, includesHigh: false)
  static let aboveZero = NumberRange(low: 0, includesLow: false, high: .infinity, includesHigh: false)
  static let aboveOne = NumberRange(low: 1, includesLow: false, high: .infinity, includesHigh: false)
  static let zeroOrMore = NumberRange(low: 0, includesLow: true, high: .infinity, includesHigh: false)
  static let share = NumberRange(low: 0, includesLow: true, high: 1, includesHigh: true)
  static let belowOne = NumberRange(low: 0, includesLow: true, high: 1, includesHigh: false)
  static let aboveZeroToOne = NumberRange(low: 0, includesLow: false, high: 1, includesHigh: true)
  static let betweenZeroAndOne = NumberRange(low: 0, includesLow: false, high: 1, includesHigh: false)

  func contains(_ value: Double) -> Bool {
    value.isFinite && (includesLow ? value >= low : value > low)
      && (includesHigh ? value <= high : value < high)
  }

  package var description: String {
    let lower = low.isFinite ? (includesLow ? "of at least " : "above ") + Self.plain(low) : ""
    let upper = high.isFinite ? (includesHigh ? "at most " : "below ") + Self.plain(high) : ""
    let both = [lower, upper].filter { !$0.isEmpty }.joined(separator: " and ")
    return both.isEmpty ? "a number" : "a number " + both
  }

  private static func plain(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }
}
