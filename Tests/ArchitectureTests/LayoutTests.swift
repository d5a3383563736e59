import Foundation
import Testing

/// Names and sizes of files, and the paths that the documents promise.
struct LayoutTests {
  @Test func `no source file is longer than 800 lines`() throws {
    let files =
      try SourceTree.files(below: "Sources", "swift", "cpp", "h") + SourceTree.files(below: "Tests", "swift")
    for file in files {
      let lines = file.text.utf8.count { $0 == UInt8(ascii: "\n") }
      #expect(lines <= 800, "\(file) has \(lines) lines: it is more than one thing")
    }
  }

  @Test func `no file or folder is named after nothing in particular`() throws {
    let empty: Set<String> = ["Core", "Common", "Util", "Utils", "Manager", "Helper", "Helpers", "Misc"]
    for file in try SourceTree.files(below: "Sources", "swift", "cpp", "h")
      + SourceTree.files(below: "Tests", "swift")
    {
      for part in file.path.split(separator: "/") {
        let words = part.matches(of: #/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+/#).map { String($0.0) }
        let named = Set(words.map { $0.prefix(1).uppercased() + $0.dropFirst() })
        #expect(named.isDisjoint(with: empty), "\(file)")
      }
    }
  }

  @Test(arguments: ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
  func `a document's tree and paths exist`(document: String) throws {
    guard let text = try SourceTree.text(document) else { return }
    for path in Self.paths(in: text) { #expect(SourceTree.exists(path), "\(document) names \(path)") }
  }

  @Test func `paths are read out of trees and prose`() {
    let text = """
      See `Sources/Records/Grade.swift`, [setup](Scripts/setup.sh) and `swift build`.

      ```
      operant/
      ├── Sources/
      │   ├── Records/      what travels
      │   └── CTorch/
      │       └── head.cpp
      └── Tests
      ```
      """
    #expect(
      Self.paths(in: text) == [
        "Sources/Records/Grade.swift", "Scripts/setup.sh", "Sources", "Sources/Records", "Sources/CTorch",
        "Sources/CTorch/head.cpp", "Tests",
      ])
  }

  /// Paths from the root in backticks or links, and those of a tree drawn with box characters.
  static func paths(in text: String) -> [String] {
    let folders = #/[`(]((?:Sources|Tests|Scripts|Docs|Recipes|Benchmarks)/[\w.+\/-]+)[`)]/#
    var paths = text.matches(of: folders).map { String($0.1) }
    var open: [String] = []
    for line in text.split(separator: "\n") {
      guard let match = line.prefixMatch(of: #/((?:│   |    )*)[├└]── ([\w.+\/-]+)/#) else { continue }
      let depth = match.1.count / 4
      open = open.prefix(depth) + [match.2.split(separator: "/").joined(separator: "/")]
      paths.append(open.joined(separator: "/"))
    }
    return paths
  }
}
