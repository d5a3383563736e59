import Foundation
import Records
import Testing

@testable import Graders

/// What rapidfuzz, sacrebleu, nltk and rouge-score make of a generated corpus: `Scripts/parity/similarity.py` writes it
/// once, into `.deps/parity`.
struct SimilarityReference {
  static let folder = root.appending(path: ".deps/parity/similarity")
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let python = root.appending(path: ".venv/bin/python")

  /// The folder's files are made while no other test looks.
  private static let isMade: Bool = make()

  static var isInstalled: Bool {
    let found = FileManager.default.isExecutableFile(atPath: python.path)
    if !found { print("skipped: no .venv/bin/python; Scripts/setup.sh venv makes it") }
    return found
  }

  private static func make() -> Bool {
    let script = root.appending(path: "Scripts/parity/similarity.py")
    let stampFile = folder.appending(path: "stamp")
    guard let stamp = try? Data(contentsOf: script) else { return false }
    if let made = try? Data(contentsOf: stampFile), made == stamp { return true }
    let process = Process()
    process.executableURL = python
    process.arguments = [script.path, folder.path]
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try process.run()
      process.waitUntilExit()
      guard process.terminationStatus == 0 else { return false }
      try stamp.write(to: stampFile)
      return true
    } catch {
      return false
    }
  }

  static func lines(_ file: String) throws -> [Substring] {
    try #require(isMade, "Scripts/parity/similarity.py failed")
    return try String(contentsOf: folder.appending(path: file), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: true)
  }

  static func documents(_ file: String) throws -> [JSONValue] {
    try lines(file).map { try JSONValue(parsing: String($0)) }
  }
}

/// The largest difference of two lists of scores, where it is, and how many were compared.
struct LargestDifference {
  private(set) var value = 0.0
  private(set) var place = ""
  private(set) var count = 0

  mutating func compare(_ ours: Double, _ theirs: Double, _ place: @autoclosure () -> String) {
    count += 1
    if !((ours - theirs).magnitude <= value) {
      value = (ours - theirs).magnitude
      self.place = "\(place()): \(ours), reference \(theirs)"
    }
  }
}
