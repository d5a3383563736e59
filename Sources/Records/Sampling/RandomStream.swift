/// The random numbers of one episode: a function of its seed and the place of the token alone, so that neither
/// the batch an episode decodes in nor a restart can change what it draws.
package struct RandomStream: Sendable, Hashable {
  package let seed: UInt64

  package init(seed: UInt64) { self.seed = seed }

  /// The stream of one attempt at an Example.
  package init(run: UInt64, step: Int, exampleID: String, index: Int) {
    var hash = StableHash()
    hash.combine(run)
    hash.combine(UInt64(bitPattern: Int64(step)))
    hash.combine(exampleID)
    hash.combine(UInt64(index))
    seed = hash.value
  }

  /// Uniform in [0, 1) with 53 random bits, for the token at `place`.
  package func uniform(at place: Int) -> Double {
    var generator = SplitMix64(seed: seed &+ UInt64(place) &* 0xD1B5_4A32_D192_ED03)
    return Double(generator.next() >> 11) * 0x1p-53
  }
}
