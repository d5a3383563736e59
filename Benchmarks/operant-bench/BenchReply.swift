/// The shape of the model, from which the caller counts bytes and operations.
struct ModelReply: Encodable {
  var vocabulary: Int
  var hidden: Int
  var intermediate: Int
  var layers: Int
  var heads: Int
  var kvHeads: Int
  var headSize: Int
  var parameters: Int
  var bytesPerWeight: Int
  var threads: Int
  var loadSeconds: Double
}

struct DecodeReply: Encodable {
  /// From the request to the last token, prompts included.
  var seconds: Double
  /// Tokens drawn in all.
  var tokens: Int
  /// From the moment at which every row had its first token to the last token.
  var decodeSeconds: Double
  /// Tokens drawn in that time.
  var decodeTokens: Int
  var peakMemoryBytes: Int
}

struct UpdateReply: Encodable {
  var seconds: Double
  var loss: Double
  var peakMemoryBytes: Int
}

struct FloorReply: Encodable {
  /// Bytes a second read from memory by one thread, and by one on every core at once.
  var bandwidthOneThread: Double
  var bandwidth: Double
  /// Operations a second of the model's own linears, every core with a batch of its own.
  var bfloat16: Double
  var float32: Double
  /// The same by batch rows a core.
  var bfloat16ByRows: [String: Double]
}

struct AdapterReply: Encodable {
  /// By the number of adapters: the best round.
  var tokensPerSecond: [String: Double]
  /// The median round, by the time that threads had a processor: for machines that are busy otherwise.
  var tokensPerCPUSecond: [String: Double]
  /// Of one adapter, with its panels.
  var bytesPerAdapter: Int
}
