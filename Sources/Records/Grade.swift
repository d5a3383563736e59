/// Why a grader gave no reward. A failure is never a reward of zero.
public struct GradeFailure: Error, Sendable, Hashable, Codable, CustomStringConvertible {
  /// The kinds, named as OpenAI's grader-run flags name them.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    case formulaParse = "formula_parse_error"
    case sampleParse = "sample_parse_error"
    case truncatedObservation = "truncated_observation_error"
    case unresponsiveReward = "unresponsive_reward_error"
    case invalidVariable = "invalid_variable_error"
    case pythonServer = "python_grader_server_error"
    case pythonRuntime = "python_grader_runtime_error"
    case modelServer = "model_grader_server_error"
    case modelRefusal = "model_grader_refusal_error"
    case modelParse = "model_grader_parse_error"
    case other = "other_error"
  }
  /// What happened, finer than OpenAI's flags.
  public enum Cause: String, Sendable, Hashable, Codable, CaseIterable {
    /// The grader's code raised an exception.
    case raised
    /// It returned something that is no number, or nothing.
    case wrongType = "wrong_type"
    /// It returned NaN or an infinite number.
    case notFinite = "not_finite"
    case timeOut = "time_out"
    case memory
    /// It printed more than it may.
    case outputLimit = "output_limit"
    /// Its process could not be started, or this machine cannot sandbox.
    case couldNotStart = "could_not_start"
    /// Its process was ended by a signal.
    case killed
    /// No answer came from the network.
    case unreachable
    /// An HTTP status other than success.
    case httpStatus = "http_status"
    /// An answer came, but not in the form agreed on.
    case malformed
    /// A judge declined to judge.
    case refused
    /// The grader says that it has nothing to say of this sample. A combination leaves it out of the mean.
    case notApplicable = "not_applicable"
  }
  /// What went wrong, as a word that programs act on.
  public var kind: Kind
  /// What happened, where the grader knows.
  public var cause: Cause?
  /// A sentence: what was given, what was expected, what to do.
  public var message: String
  /// The grader that failed, by name.
  public var grader: String

  /// A failure; the grader's name is filled in by whoever calls the grader.
  public init(_ kind: Kind, _ message: String, cause: Cause? = nil, grader: String = "") {
    self.kind = kind
    self.cause = cause
    self.message = message
    self.grader = grader
  }

  /// Grader, kind and sentence.
  public var description: String {
    grader.isEmpty ? "\(kind.rawValue): \(message)" : "\(grader): \(kind.rawValue): \(message)"
  }
}

/// What a grader says of an episode: a record, never a bare number.
public struct Grade: Sendable, Hashable, Codable {
  /// A reward, or the reason why there is none.
  public enum Outcome: Sendable, Hashable, Codable {
    case reward(Double)
    case failed(GradeFailure)
  }
  /// The reward, or why there is none.
  public var outcome: Outcome
  /// What advantages are taken from in place of the reward, where the grader compares the answers of a group with each
  /// other (`normalise`); it means nothing outside the group. Nil takes the reward.
  public var standing: Double?
  /// Rewards of the parts that were combined, by name, in the order the grader lists them.
  public var subRewards: [SubReward]
  /// Rewards of graders that are watched and not trained on, by name. They have no part in `outcome`.
  public var heldOut: [SubReward]
  /// Tokens that judges read and wrote for this grade, by model.
  public var judgeTokens: [String: JudgeTokens]
  /// Anything else worth a curve, by name.
  public var metrics: [String: Double]
  /// How long grading took.
  public var latencySeconds: Double
  /// Identifies the grader's definition, so that grades of two definitions are never averaged unawares.
  public var graderVersion: String
  /// The last lines that a grader's process printed.
  public var outputTail: String

  /// A named part of a reward.
  public struct SubReward: Sendable, Hashable, Codable {
    /// The part's name in the grader's definition.
    public var name: String
    /// Its reward, before it was weighted.
    public var value: Double
    /// A part and its reward.
    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// A grade; what a grader does not fill in, the grading stage does.
  public init(
    _ outcome: Outcome, standing: Double? = nil, subRewards: [SubReward] = [], heldOut: [SubReward] = [],
    judgeTokens: [String: JudgeTokens] = [:], metrics: [String: Double] = [:],
    latencySeconds: Double = 0, graderVersion: String = "", outputTail: String = ""
  ) {
    self.outcome = outcome
    self.standing = standing
    self.subRewards = subRewards
    self.heldOut = heldOut
    self.judgeTokens = judgeTokens
    self.metrics = metrics
    self.latencySeconds = latencySeconds
    self.graderVersion = graderVersion
    self.outputTail = outputTail
  }

  /// The reward, or nil when grading failed.
  public var reward: Double? { if case .reward(let value) = outcome { value } else { nil } }
  /// The failure, or nil when there is a reward.
  public var failure: GradeFailure? { if case .failed(let failure) = outcome { failure } else { nil } }
  /// Whether the grader says that it has nothing to say of the sample (TRL's None): by itself that is a failure, and
  /// beside other graders it is one voice less.
  public var isNotApplicable: Bool { failure?.cause == .notApplicable }
}
