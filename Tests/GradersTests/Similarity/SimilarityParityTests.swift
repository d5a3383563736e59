import Foundation
import Records
import Testing

@testable import Graders

@Suite(
  .enabled(
    if: SimilarityReference.isInstalled, "run Scripts/setup.sh venv: rapidfuzz and others are the reference"))
struct SimilarityParityTests {
  private static let pairs = Result {
    try SimilarityReference.documents("pairs.jsonl").map { document in
      let object = try #require(document.object)
      return (
        input: try #require(object["input"]?.string), reference: try #require(object["reference"]?.string),
        scores: object
      )
    }
  }

  private func compare(_ key: String, _ ours: (String, String) -> Double) throws {
    var largest = LargestDifference()
    for pair in try Self.pairs.get() {
      let theirs = try #require(pair.scores[key]?.double)
      largest.compare(
        ours(pair.input, pair.reference), theirs,
        "\(pair.input.debugDescription) and \(pair.reference.debugDescription)")
    }
    print("\(key): largest difference \(largest.value) over \(largest.count) pairs")
    #expect(largest.count > 5_000)
    #expect(largest.value <= 1e-9, "\(largest.place)")
  }

  @Test(arguments: SimilarityMetric.allCases)
  func `every metric equals the package it is named after`(metric: SimilarityMetric) throws {
    try compare(metric.rawValue) { metric.score($0, $1) }
  }

  @Test func `the plain ratio equals rapidfuzz's`() throws {
    try compare("ratio") { SimilarityMetric.fuzzyMatch.score($0, $1, fuzzyScorer: .ratio) }
  }

  @Test func `the partial ratio equals rapidfuzz's`() throws {
    try compare("partial_ratio") {
      PartialRatio.best(FuzzyRatio.processed($0), FuzzyRatio.processed($1), above: 0) / 100
    }
  }

  @Test func `text is prepared as default_process does, scalar by scalar`() throws {
    var compared = 0
    var different: [String] = []
    for line in try SimilarityReference.lines("processed.txt") {
      let numbers = line.split(separator: " ").compactMap { UInt32($0) }
      let scalar = try #require(Unicode.Scalar(numbers[0]))
      // Letters that came into Unicode after the package's tables were made.
      if let age = scalar.properties.age, age.major > 13 { continue }
      compared += 1
      let ours = FuzzyRatio.processed("a\(Character(scalar))b")
      if ours != Array(numbers.dropFirst()) { different.append("\(numbers[0]): \(ours)") }
    }
    #expect(compared > 100_000)
    #expect(different == [])
  }

  @Test func `lower case is Python's`() throws {
    for document in try SimilarityReference.documents("lower.jsonl") {
      let pair = try #require(document.array).compactMap(\.string)
      try #require(pair.count == 2)
      let ours = PythonText.lowercased(PythonText.scalars(pair[0]))
      #expect(ours == PythonText.scalars(pair[1]), "\(pair[0].debugDescription)")
    }
  }

  @Test func `tokens are sacrebleu's`() throws {
    for document in try SimilarityReference.documents("tokens.jsonl") {
      let text = try #require(document.array?.first?.string)
      let tokens = try #require(document.array?.last?.array).compactMap(\.string)
      let ours = MachineTranslationTokens.words(in: text).map(\.scalars)
      #expect(ours == tokens.map { PythonText.scalars($0)[...] }, "\(text.debugDescription)")
    }
  }

  @Test func `stems are those of nltk's Porter stemmer`() throws {
    let lines = try SimilarityReference.lines("stems.txt")
    #expect(lines.count > 50_000)
    var different: [String] = []
    for line in lines {
      let parts = line.split(separator: " ").map { PythonText.scalars(String($0)) }
      try #require(parts.count == 2)
      if PorterStemmer.stem(parts[0]) != parts[1] { different.append(String(line)) }
    }
    #expect(different == [])
  }

  @Test func `synonyms from a WordNet folder count as nltk counts them`() throws {
    let documents = try SimilarityReference.documents("synonyms.jsonl")
    let wordNet = try WordNet(folder: SimilarityReference.folder.appending(path: "wordnet").path)
    var largest = LargestDifference()
    var gained = 0
    for document in documents {
      let object = try #require(document.object)
      let (input, reference) = (
        try #require(object["input"]?.string), try #require(object["reference"]?.string)
      )
      let ours = MeteorScore.score(input, reference, wordNet: wordNet)
      largest.compare(ours, try #require(object["meteor"]?.double), "\(input) / \(reference)")
      if ours != MeteorScore.score(input, reference) { gained += 1 }
    }
    print("meteor with synonyms: largest difference \(largest.value) over \(largest.count) pairs")
    #expect(largest.value <= 1e-9, "\(largest.place)")
    #expect(gained > documents.count / 4)
  }
}
