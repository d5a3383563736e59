import Foundation
import Records
import Testing
import Torch

/// Drawing a token: the distribution, the filters and their log-probabilities, and what must be refused.
struct SamplingTests {
  /// Logits whose softmax at temperature 1 are these probabilities.
  func logits(_ probabilities: [Float]) throws -> Logits { try Logits(probabilities.map { log($0) + 3 }) }

  func draw(_ logits: Logits, _ draw: Draw) throws -> Drawn { try logits.sample([draw])[0] }

  /// The tokens that evenly spaced uniforms draw, with how often.
  func histogram(_ logits: Logits, _ template: Draw, count: Int = 2000) throws -> [Int32: Int] {
    var counts: [Int32: Int] = [:]
    for index in 0..<count {
      var one = template
      one.uniform = (Double(index) + 0.5) / Double(count)
      counts[try draw(logits, one).token, default: 0] += 1
    }
    return counts
  }

  // MARK: distribution

  @Test(arguments: [1, 0.6, 2.5])
  func `many draws follow the softmax at the temperature`(temperature: Double) throws {
    // 3,000 tokens lie in six of the sampler's blocks, each with a larger top than the one before it. Chi-square over 30
    // bins of equal probability.
    let size = 3000
    let values = (0..<size).map { token -> Float in
      let scattered = Float((token * 7919) % 1000) / 250
      return scattered + Float(token) / 2000
    }
    let logits = try Logits(values)
    let weights = values.map { exp(Double($0) / temperature) }
    let total = weights.reduce(0, +)
    var bins: [Int] = []
    var below = 0.0
    for weight in weights {
      bins.append(min(29, Int(below / total * 30)))
      below += weight
    }
    var expected = [Double](repeating: 0, count: 30)
    for (bin, weight) in zip(bins, weights) { expected[bin] += weight / total }
    var observed = [Double](repeating: 0, count: 30)
    let draws = 12_000
    var random = SplitMix64(seed: 5)
    for _ in 0..<draws {
      let drawn = try draw(
        logits, Draw(temperature: temperature, uniform: Double.random(in: 0..<1, using: &random)))
      observed[bins[Int(drawn.token)]] += 1
      let expected = Double(values[Int(drawn.token)]) / temperature - log(total)
      #expect(abs(Double(drawn.logProbability) - expected) < 1e-5)
      #expect(drawn.logMass == 0)
    }
    let statistic = zip(observed, expected).reduce(0) { sum, pair in
      let mean = pair.1 * Double(draws)
      return sum + (pair.0 - mean) * (pair.0 - mean) / mean
    }
    // 29 degrees of freedom: 58.3 is exceeded once in a thousand; the sequence is fixed.
    #expect(statistic < 58.3)
  }

  @Test func `a draw is the inverse of the cumulated probabilities in token order`() throws {
    let logits = try logits([0.1, 0.2, 0.3, 0.4])
    let cases: [(Double, Int32)] = [
      (0, 0), (0.0999, 0), (0.1001, 1), (0.2999, 1), (0.3001, 2), (0.5999, 2), (0.6001, 3), (0.999999999, 3),
    ]
    for (uniform, token) in cases {
      #expect(try draw(logits, Draw(temperature: 1, uniform: uniform)).token == token, "\(uniform)")
    }
  }

  @Test(arguments: [0, 0.999_999_999, 1.0.nextDown])
  func `the edges of the uniform number never draw a token without probability`(uniform: Double) throws {
    // Whole blocks at either end have no weight at all.
    for size in [5, 1024, 4000] {
      var values = [Float](repeating: -1e4, count: size)
      values[size / 2] = 1
      values[size / 2 + 1] = 2
      let logits = try Logits(values)
      for draw in [
        Draw(temperature: 1, uniform: uniform), Draw(temperature: 1, topP: 0.999999, uniform: uniform),
        Draw(temperature: 1, topK: 2, uniform: uniform), Draw(temperature: 1, minP: 0.01, uniform: uniform),
      ] {
        #expect(try self.draw(logits, draw).token == Int32(uniform == 0 ? size / 2 : size / 2 + 1))
      }
    }
  }

  @Test func `a block whose weights are rounded to nothing is passed over`() throws {
    // Of the first block the sum is e^-91 of the whole: above 0, and with it the smallest uniform number, but no token's
    // weight is.
    var values = [Float](repeating: -91, count: 1024)
    values[700] = 0
    #expect(try draw(Logits(values), Draw(temperature: 1, uniform: 0)).token == 700)
  }

  @Test func `each row has a draw of its own`() throws {
    let logits = try Logits(rows: [[0, 0, 0], [5, 0, 0]])
    let drawn = try logits.sample([Draw(temperature: 1, uniform: 0.9), Draw(temperature: 0, uniform: 0.9)])
    #expect(drawn.map(\.token) == [2, 0])
  }

  // MARK: greedy

  @Test func `temperature 0 takes the first of the likeliest, with its probability at temperature 1`() throws
  {
    let logits = try logits([0.2, 0.3, 0.3, 0.2])
    for uniform in [0, 0.5, 0.999_999_999] {
      let drawn = try draw(logits, Draw(temperature: 0, topP: 0.5, topK: 1, uniform: uniform))
      #expect(drawn.token == 1)
      #expect(abs(drawn.logProbability - log(0.3)) < 1e-6)
      #expect(drawn.logMass == 0)
    }
  }

  // MARK: filters

  struct Filter {
    var probabilities: [Float]
    var draw: Draw
    /// Tokens that are left and their probabilities among themselves.
    var kept: [Int32: Float]
    var mass: Float
  }

  static let filters: [Filter] = [
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 1, topK: 2, uniform: 0),
      kept: [1: 4 / 7, 3: 3 / 7], mass: 0.7),
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 1, topK: 9, uniform: 0),
      kept: [0: 0.1, 1: 0.4, 2: 0.2, 3: 0.3], mass: 1),
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 1, topP: 0.65, uniform: 0),
      kept: [1: 4 / 7, 3: 3 / 7], mass: 0.7),
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 1, topP: 0.75, uniform: 0),
      kept: [1: 4 / 9, 3: 3 / 9, 2: 2 / 9], mass: 0.9),
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 1, topP: 1e-9, uniform: 0), kept: [1: 1],
      mass: 0.4),
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 1, minP: 0.45, uniform: 0),
      kept: [1: 4 / 9, 3: 3 / 9, 2: 2 / 9], mass: 0.9),
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 1, minP: 1, uniform: 0), kept: [1: 1],
      mass: 0.4),
    // Top-k first: 0.6 of what the three leave is reached by the first two.
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 1, topP: 0.6, topK: 3, uniform: 0),
      kept: [1: 4 / 7, 3: 3 / 7], mass: 0.7),
    // At temperature 0.5 the probabilities go as their squares: 1, 16, 4, 9 of 30.
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 0.5, topP: 0.8, uniform: 0),
      kept: [1: 16 / 25, 3: 9 / 25], mass: 25 / 30),
    .init(
      probabilities: [0.1, 0.4, 0.2, 0.3], draw: Draw(temperature: 0.5, minP: 0.2, topK: 3, uniform: 0),
      kept: [1: 16 / 29, 3: 9 / 29, 2: 4 / 29], mass: 29 / 30),
    // Of equal ones, the first.
    .init(
      probabilities: [0.25, 0.25, 0.25, 0.25], draw: Draw(temperature: 1, topK: 2, uniform: 0),
      kept: [0: 0.5, 1: 0.5], mass: 0.5),
  ]

  @Test(arguments: filters.indices)
  func `filters leave their set, renormalise it and report its share`(index: Int) throws {
    let filter = Self.filters[index]
    let logits = try logits(filter.probabilities)
    let counts = try histogram(logits, filter.draw)
    #expect(Set(counts.keys) == Set(filter.kept.keys))
    for (token, probability) in filter.kept {
      #expect(abs(Float(counts[token] ?? 0) / 2000 - probability) < 2e-3, "token \(token)")
    }
    for step in 0..<40 {
      var one = filter.draw
      one.uniform = (Double(step) + 0.5) / 40
      let drawn = try draw(logits, one)
      let probability = try #require(filter.kept[drawn.token])
      #expect(abs(drawn.logProbability - log(probability)) < 2e-6)
      #expect(abs(drawn.logMass - log(filter.mass)) < 2e-6)
    }
  }

  // MARK: refusals

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func `logits that are not finite are an error, wherever they are`(value: Float) throws {
    for place in [0, 3, 17, 1030, 1999] {
      var values = [Float](repeating: 0.5, count: 2000)
      if value == -.infinity { values = values.map { _ in value } } else { values[place] = value }
      let logits = try Logits(values)
      for draw in [
        Draw(temperature: 1, uniform: 0.5), Draw(temperature: 0, uniform: 0.5),
        Draw(temperature: 1, topP: 0.9, uniform: 0.5),
      ] {
        let error = #expect(throws: TorchError.self) { try logits.sample([draw]) }
        #expect(error?.kind == .value)
        #expect(error?.message.contains("not finite") == true)
      }
    }
  }

  @Test func `a draw out of range is an error that says the range`() throws {
    let logits = try Logits([0, 0, 0, 0])
    let cases: [(Draw, String)] = [
      (Draw(temperature: -1, uniform: 0), "temperature"),
      (Draw(temperature: .nan, uniform: 0), "temperature"),
      (Draw(temperature: 1, topP: 0, uniform: 0), "top-p"),
      (Draw(temperature: 1, topP: 1.5, uniform: 0), "top-p"),
      (Draw(temperature: 1, minP: 2, uniform: 0), "min-p"),
      (Draw(temperature: 1, minP: -1, uniform: 0), "min-p"),
      (Draw(temperature: 1, uniform: 1), "uniform"), (Draw(temperature: 1, uniform: -0.1), "uniform"),
    ]
    for (draw, word) in cases {
      let error = #expect(throws: TorchError.self) { try logits.sample([draw]) }
      #expect(error?.kind == .value)
      #expect(error?.message.contains(word) == true, "\(draw)")
    }
  }
}
