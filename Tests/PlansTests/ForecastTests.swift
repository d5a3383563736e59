import Plans
import Records
import Testing

@Suite struct `A forecast` {
  static let model = ModelFigures(
    parameters: 134_515_008, layers: 30, hidden: 576, intermediate: 1536, heads: 9, kvHeads: 3, headSize: 64,
    vocabulary: 49152, context: 8192)

  @Test func `a model's parameters follow from its sizes`() {
    let count = ModelFigures.parameterCount(
      layers: 30, hidden: 576, intermediate: 1536, heads: 9, kvHeads: 3, headSize: 64, vocabulary: 49152,
      tiedEmbedding: true)
    #expect(count == 134_515_008)
  }

  private func forecast(_ overrides: [String] = []) throws -> Forecast {
    Forecast(
      plan: try read(smallPlan, overrides: overrides).resolved(), model: Self.model,
      rows: RowCounts(train: 480, heldOut: 120), promptTokens: 100, cores: 2,
      machineBytes: 24 << 30,
      rates: ForecastRates(
        sampledTokensPerSecond: 1000, trainedTokensPerSecond: 500, gradingSeconds: 0.01))
  }

  private func bytes(_ name: String, _ forecast: Forecast) -> Int? {
    forecast.memory.first { $0.name == name }?.bytes
  }

  @Test func `memory adds up from hand-worked parts`() throws {
    let forecast = try forecast()
    #expect(bytes("weights", forecast) == 2 * 134_515_008)
    // a layer: q 1152, k and v 768 each, o 1152, gate, up and down 2112 each; rank 16; 30 layers; 16 bytes
    #expect(
      bytes("adapters and their optimiser", forecast)
        == (2 * 1152 + 2 * 768 + 3 * 2112) * 16 * 30 * 16)
    // 64 answers of 128 tokens on average and 8 prompts of 100; a layer of a token: 24 heads of 64, hidden states
    // twice, gate and up, seven parts of rank 16, in 2 bytes, and 9 sums in 4
    let token = 30 * ((24 * 64 + 2 * 576 + 2 * 1536 + 7 * 16) * 2 + 9 * 4)
    #expect(bytes("activations", forecast) == min(64 * 128 + 800, 2 * 2048) * token)
    #expect(bytes("kept from sampling", forecast) == nil)
    let short = try self.forecast(["sampling.max_tokens=64"])
    #expect(bytes("kept from sampling", short) == (64 * 32 + 800) * token)
    // 64 rows of 356 positions, 30 layers, keys and values of 3 heads of 64 in 2 bytes
    #expect(bytes("key-value cache", forecast) == 64 * 356 * 30 * 2 * 3 * 64 * 2)
    #expect(forecast.totalBytes == forecast.memory.map(\.bytes).reduce(0, +))
  }

  @Test func `full fine-tuning trades adapters for gradients and, with a KL term, a second model`() throws {
    let full = try forecast(["training.method=full", "algorithm.kl.coefficient=0.1", "model.dtype=float32"])
    #expect(bytes("gradients and optimiser", full) == 16 * 134_515_008)
    #expect(bytes("base model for the KL term", full) == 4 * 134_515_008)
    #expect(bytes("adapters and their optimiser", full) == nil)
  }

  @Test func `time adds up from hand-worked parts`() throws {
    let forecast = try forecast()
    // 64 episodes of 128 tokens at 1000 a second; 8 prompts of 100 tokens at 1500 a second
    #expect(abs(forecast.samplingSeconds - (8.192 + 8 * 100 / 1500.0)) < 1e-9)
    #expect(abs(forecast.gradingSeconds - 0.64) < 1e-9)
    #expect(abs(forecast.updatingSeconds - (64 * 128 + 8 * 100) / 500.0) < 1e-9)
    // 100 prompts before and after, 32 after steps 10, 20, 30, 40
    let answers = 328.0
    #expect(
      abs(forecast.evaluationSeconds - answers * (0.128 + 100 / 1500.0 + 0.01)) < 1e-6)
    #expect(forecast.totalSeconds == 50 * forecast.stepSeconds + forecast.evaluationSeconds)
  }

  @Test func `its text names every part`() throws {
    let forecast = try forecast()
    for part in forecast.memory { #expect(forecast.text.contains(part.name)) }
    #expect(forecast.text.contains("50 steps"))
  }

  @Test(arguments: [
    (5.0, "5.0 s"), (59.4, "59 s"), (61, "1 min 1 s"), (3599.9, "1 h 0 min"), (7500, "2 h 5 min"),
    (.infinity, "unknown"),
  ])
  func `durations read well`(seconds: Double, text: String) {
    #expect(Forecast.duration(seconds) == text)
  }

  @Test func `a bigger model is slower and fewer trained weights are faster`() {
    let small = ForecastRates.guess(parameters: 1_000_000, cores: 2, isBFloat16: true, adaptersOnly: true)
    let big = ForecastRates.guess(parameters: 2_000_000, cores: 2, isBFloat16: true, adaptersOnly: true)
    let full = ForecastRates.guess(parameters: 1_000_000, cores: 2, isBFloat16: true, adaptersOnly: false)
    #expect(small.sampledTokensPerSecond == 2 * big.sampledTokensPerSecond)
    #expect(full.trainedTokensPerSecond < small.trainedTokensPerSecond)
  }
}
