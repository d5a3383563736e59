/// What to measure. Token ids come from the caller, so that every program gets the same ones.
enum BenchRequest: Decodable {
  case model
  case decode(DecodeWork)
  case update(UpdateWork)
  case floors(FloorWork)

  private enum Name: String, Decodable { case model, decode, update, floors }
  private enum Key: String, CodingKey { case measure }

  init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: Key.self).decode(Name.self, forKey: .measure) {
    case .model: self = .model
    case .decode: self = .decode(try DecodeWork(from: decoder))
    case .update: self = .update(try UpdateWork(from: decoder))
    case .floors: self = .floors(try FloorWork(from: decoder))
    }
  }
}

/// Attempts at some prompts, each of exactly `newTokens` tokens.
struct DecodeWork: Decodable {
  var prompts: [[Int32]]
  /// Attempts at each prompt.
  var attempts: Int
  var newTokens: Int
  /// Most rows at once; the plan's default when absent.
  var rows: Int?
}

/// One optimiser step with LoRA on every linear.
struct UpdateWork: Decodable {
  var prompts: [[Int32]]
  /// For each prompt its attempts.
  var answers: [[[Int32]]]
  /// The KL coefficient.
  var kl: Double
}

/// How long each rate is measured, in seconds.
struct FloorWork: Decodable {
  var seconds: Double
}
