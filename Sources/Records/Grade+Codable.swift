// Grades are read by scripts (`run show --episodes --json`) and kept in archives, so their shape is written down
// here and not left to the compiler: {"reward": 0.75} or {"failed": {...}}.

extension Grade.Outcome {
  private enum Key: String, CodingKey {
    case reward, failed
  }

  /// `{"reward": x}` or `{"failed": {...}}`.
  public func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    switch self {
    case .reward(let reward): try object.encode(reward, forKey: .reward)
    case .failed(let failure): try object.encode(failure, forKey: .failed)
    }
  }

  /// Reads what `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: Key.self)
    if let failure = try object.decodeIfPresent(GradeFailure.self, forKey: .failed) {
      self = .failed(failure)
    } else {
      self = .reward(try object.decode(Double.self, forKey: .reward))
    }
  }
}
