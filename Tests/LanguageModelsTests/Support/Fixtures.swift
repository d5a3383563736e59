import Foundation
import LanguageModels
import OperantTesting
import Records

/// What the Python scripts wrote, made once in this process: suites run side by side.
enum Fixtures {
  struct Entry: Decodable {
    var name: String?
    var folder: String?
    var file: String?
    var ids: [[Int32]]
    var float32: [[Float]]
    var bfloat16: [[Float]]?
    /// In float64 throughout, and for each sequence how far float32 strays from it when nothing is wrong.
    var float64: [[Float]]?
    var noise: [Float]?
  }

  /// Tiny models in Hugging Face folders, and the default model where it was fetched.
  struct Models: Decodable {
    var models: [Entry]
    var `default`: Entry?
  }

  static func models() throws -> Models { try loaded.get().models }
  /// The tiny models as GGUF files of several types.
  static func ggufs() throws -> [Entry] { try loaded.get().ggufs }

  private static let loaded = Result { () throws -> (models: Models, ggufs: [Entry]) in
    let models = try ParityFixture("models.py", arguments: ParityFixture.defaultModel.map { [$0] } ?? [])
    let ggufs = try ParityFixture("gguf_models.py", arguments: [models.folder.path])
    return (
      try JSONDecoder().decode(Models.self, from: models.data("report.json")),
      try JSONDecoder().decode([Entry].self, from: ggufs.data("report.json"))
    )
  }
}

extension Fixtures.Entry {
  /// The largest difference of a decoder's log-probabilities to these, over all sequences.
  func largestDifference(_ decoder: Decoder, to expected: [[Float]]) throws -> Float {
    try largestDifferences(decoder, to: expected).max() ?? .infinity
  }

  /// The largest difference in each sequence.
  func largestDifferences(_ decoder: Decoder, to expected: [[Float]]) throws -> [Float] {
    try zip(ids, expected).map { ids, expected in
      let scores = try decoder.score(ids)
      guard scores.count == expected.count else { return .infinity }
      return zip(scores, expected).map { ($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max() ?? 0
    }
  }
}
