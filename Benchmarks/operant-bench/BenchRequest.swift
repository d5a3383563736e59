/// What to measure. Token ids come from the caller, so that every program gets the same ones.
enum BenchRequest: Decodable {
  case model
  case decode(DecodeWork)
  case update(UpdateWork)
  case floors(FloorWork)
  case adapters(AdapterWork)

  private enum Name: String, Decodable { case model, decode, update, floors, adapters }
  private enum Key: String, CodingKey { case measure }

  init(from decoder: any Decoder) throws {
    switch try decoder.container(keyedBy: Key.self).decode(Name.self, forKey: .measure) {
    case .model: self = .model
    case .decode: self = .decode(try DecodeWork(from: decoder))
    case .update: self = .update(try UpdateWork(from: decoder))
    case .floors: self = .floors(try FloorWork(from: decoder))
    case .adapters: self = .adapters(try AdapterWork(from: decoder))
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

/// Decoding of rows that are dealt to adapters beside the base.
struct AdapterWork: Decodable {
  /// Over all shards.
  var rows: Int
  /// For each case the number of adapters; 0 is the base alone.
  var adapters: [Int]
  var rank: Int
  /// Tokens that every row has before it is measured.
  var context: Int
  /// Tokens of every row in a round.
  var steps: Int
  var rounds: Int
}
