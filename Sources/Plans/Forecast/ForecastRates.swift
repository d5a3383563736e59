/// How fast a machine samples and trains: the measured side of a forecast.
package struct ForecastRates: Sendable, Hashable {
  /// Tokens sampled a second with all rows busy.
  package var sampledTokensPerSecond: Double
  /// Tokens a second through forward and backward pass.
  package var trainedTokensPerSecond: Double
  /// Grader seconds an episode.
  package var gradingSeconds: Double

  package init(
    sampledTokensPerSecond: Double, trainedTokensPerSecond: Double, gradingSeconds: Double = 0.001
  ) {
    self.sampledTokensPerSecond = sampledTokensPerSecond
    self.trainedTokensPerSecond = trainedTokensPerSecond
    self.gradingSeconds = gradingSeconds
  }

  /// Parameters times tokens a second that a core got through, measured in bfloat16 with AVX-512 BF16 at 2 x 16 and
  /// 2 x 32 rows (Docs/Log.md); float32 gets half.
  private static let sampledPerCore = 150e9
  private static let trainedPerCore = 270e9

  /// Rates in inverse proportion to the parameters: a token costs one multiply-add a parameter forward and
  /// two backward; adapters leave out the half of the backward pass that is for frozen weights.
  package static func guess(
    parameters: Int, cores: Int, isBFloat16: Bool, adaptersOnly: Bool
  ) -> ForecastRates {
    let machine = Double(max(1, cores)) / Double(max(1, parameters)) * (isBFloat16 ? 1 : 0.5)
    return ForecastRates(
      sampledTokensPerSecond: sampledPerCore * machine,
      trainedTokensPerSecond: trainedPerCore * machine / (adaptersOnly ? 2 : 3))
  }
}
