import Foundation
import Graders
import Records

/// Compiles a definition that is written as JSON in a test.
func compiled(_ json: String) throws -> any Grader {
  try GraderCompiler.compile(JSONValue(parsing: json))
}

/// The problems of a definition, as `severity path: message`.
func problems(_ json: String) throws -> [String] {
  GraderCompiler.check(try JSONValue(parsing: json), file: "").diagnostics
    .map { ($0.severity == .warning ? "warning: " : "") + "\($0.path): \($0.message)" }
}

func sample(_ text: String, item: String = "{}", tokens: Int? = nil) throws -> GradingSample {
  GradingSample(
    outputText: text, item: try JSONValue(parsing: item).object ?? JSONObject(), generatedTokens: tokens)
}

extension Grader {
  func grade(_ text: String, item: String = "{}", tokens: Int? = nil) async throws -> Grade {
    await grade([try sample(text, item: item, tokens: tokens)])[0]
  }
  func reward(_ text: String, item: String = "{}", tokens: Int? = nil) async throws -> Double? {
    try await grade(text, item: item, tokens: tokens).reward
  }
}

/// A file of the repository.
func repositoryFile(_ path: String) throws -> String {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
}

/// Random text that likes the characters that parsers care about.
func randomText(_ random: inout SplitMix64, alphabet: [String], length: Int) -> String {
  (0..<length).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }.joined()
}
