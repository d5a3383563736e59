import Foundation
import LanguageModels
import OperantTesting
import Records
import Testing
import Torch

/// Log-probabilities against transformers', on tiny models of each family and on the default model.
@Suite(
  .enabled(if: ParityFixture.missing == nil, "\(ParityFixture.missing ?? "")"), .serialized)
struct ModelParityTests {
  @Test func `float32 log-probabilities of every family equal those of transformers`() throws {
    for entry in try Fixtures.models().models {
      let folder = try #require(entry.folder)
      let decoder = try ModelLoader(huggingFace: folder).decoder(.float32, positions: 512)
      let difference = try entry.largestDifference(decoder, to: entry.float32)
      print("parity \(entry.name ?? "") float32: max difference \(difference)")
      #expect(difference < 1e-4, "\(entry.name ?? "")")
    }
  }

  @Test func `a configuration of transformers 4 means the same as one of transformers 5`() throws {
    for entry in try Fixtures.models().models {
      let folder = try #require(entry.folder)
      let old = try Data(contentsOf: URL(filePath: folder + "/config-transformers-4.json"))
      let configuration = try ModelConfiguration(config: JSONValue(parsing: Array(old)), path: folder)
      #expect(configuration == (try ModelConfiguration(huggingFace: folder)))
    }
  }

  @Test(.enabled(if: ParityFixture.defaultModel != nil, "the default model is not in .deps/models"))
  func `the default model's log-probabilities equal those of transformers`() throws {
    let entry = try #require(try Fixtures.models().default)
    let path = try #require(ParityFixture.defaultModel)
    let loader = try ModelLoader(gguf: path)
    let single = try loader.decoder(.float32, positions: 256)
    // Against float64: at a token of massive activations, transformers' float32 is itself 1e-4 off. Where the
    // sequence makes float32 stray further than that on this machine, ours may stray as far.
    let differences = try entry.largestDifferences(single, to: #require(entry.float64))
    let noise = try #require(entry.noise)
    print("parity SmolLM2-135M-Instruct float32: max differences \(differences), noise of float32 \(noise)")
    try #require(differences.count == noise.count)
    for (difference, noise) in zip(differences, noise) { #expect(difference < max(1e-4, noise)) }

    // bfloat16 by distribution: ours is no further from float32 than transformers' own bfloat16 is.
    let decoder = try loader.decoder(.bfloat16, positions: 256)
    var ours: [Float] = []
    var theirs: [Float] = []
    for (index, ids) in entry.ids.enumerated() {
      ours += zip(try decoder.score(ids), entry.float32[index]).map { abs($0 - $1) }
      theirs += zip(try #require(entry.bfloat16)[index], entry.float32[index]).map { abs($0 - $1) }
    }
    let mean = (
      ours: ours.reduce(0, +) / Float(ours.count), theirs: theirs.reduce(0, +) / Float(theirs.count)
    )
    print(
      "parity SmolLM2-135M-Instruct bfloat16: mean difference to float32 \(mean.ours), transformers \(mean.theirs)"
    )
    #expect(mean.ours < mean.theirs * 1.25)
  }
}
