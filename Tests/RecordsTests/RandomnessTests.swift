import Records
import Testing

/// Hashes and random numbers that runs are repeated from: their values may never change.
@Suite struct RandomnessTests {
  @Test(
    arguments: [
      (seed: UInt64(0), values: [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4, 0x06c4_5d18_8009_454f]),
      (1_234_567, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]),
      (.max, [0xe4d9_7177_1b65_2c20, 0xe99f_f867_dbf6_82c9, 0x382f_f84c_b272_81e9]),
    ] as [(seed: UInt64, values: [UInt64])])
  func `SplitMix64 gives the published values`(seed: UInt64, values: [UInt64]) {
    var random = SplitMix64(seed: seed)
    #expect(values.map { _ in random.next() } == values)
  }

  @Test func `hashes are the same on every machine`() {
    func hex(_ add: (inout StableHash) -> Void) -> String {
      var hash = StableHash()
      add(&hash)
      return hash.hex
    }
    #expect(hex { _ in } == "f52a15e9a9b5e89b")
    #expect(hex { $0.combine("") } == "4f2db50f124040cd")
    #expect(hex { $0.combine("a") } == "193f1020af076db5")
    #expect(hex { $0.combine("grüße") } == "03da70483c1a0d76")
    #expect(hex { $0.combine(0) } == "813f0174a2367c13")
    #expect(
      hex {
        $0.combine("x")
        $0.combine(7)
      } == "2c9099697be0cd94")
  }

  @Test func `texts that join to the same letters have other hashes`() {
    var a = StableHash()
    a.combine("ab")
    a.combine("c")
    var b = StableHash()
    b.combine("a")
    b.combine("bc")
    #expect(a.hex == "93998dd6edc9a3b3")
    #expect(b.hex == "0372a433aa0fe51e")
  }

  @Test func `a stream is a function of run, step, Example and attempt`() {
    let stream = RandomStream(run: 0, step: 0, exampleID: "a", index: 0)
    #expect(stream.seed == 0x197e_4b29_07ce_b8c3)
    #expect((0..<3).map(stream.uniform) == [0.16663212074528166, 0.9539491643400533, 0.08923141637087673])
    let others = [
      RandomStream(run: 1, step: 0, exampleID: "a", index: 0),
      RandomStream(run: 0, step: 1, exampleID: "a", index: 0),
      RandomStream(run: 0, step: 0, exampleID: "b", index: 0),
      RandomStream(run: 0, step: 0, exampleID: "a", index: 1),
    ]
    #expect(Set(others.map(\.seed) + [stream.seed]).count == 5)
  }

  @Test func `streams are uniform and independent of one another`() {
    // 64 attempts of 500 tokens: means, spread, and correlation of neighbours in place and in attempt.
    let rows = (0..<64).map { index in
      let stream = RandomStream(run: 3, step: 5, exampleID: "row", index: index)
      return (0..<500).map(stream.uniform)
    }
    let all = rows.flatMap { $0 }
    #expect(all.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(Set(all).count == all.count)
    let mean = all.reduce(0, +) / Double(all.count)
    #expect(abs(mean - 0.5) < 0.01)
    func correlation(_ pairs: [(Double, Double)]) -> Double {
      12 * pairs.reduce(0) { $0 + ($1.0 - 0.5) * ($1.1 - 0.5) } / Double(pairs.count)
    }
    // Standard error 1 / sqrt(32000) = 0.0056.
    #expect(abs(correlation(rows.flatMap { Array(zip($0, $0.dropFirst())) })) < 0.025)
    #expect(abs(correlation(zip(rows, rows.dropFirst()).flatMap { Array(zip($0, $1)) })) < 0.025)
    // Twenty bins: chi-squared with 19 degrees of freedom is below 50 but for one time in ten thousand.
    var bins = [Int](repeating: 0, count: 20)
    for value in all { bins[Int(value * 20)] += 1 }
    let expected = Double(all.count) / 20
    let chiSquared = bins.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    #expect(chiSquared < 50)
  }

  @Test func `a token's number does not depend on which were drawn before it`() {
    let stream = RandomStream(seed: 42)
    let forwards = (0..<20).map(stream.uniform)
    let backwards = (0..<20).reversed().map(stream.uniform)
    #expect(forwards == backwards.reversed())
  }
}
