import Foundation

/// The repository's files as text, for tests about the text.
enum SourceTree {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// A file by its path from the root.
  struct File: Sendable, CustomStringConvertible {
    let path: String
    let text: String

    var description: String { path }
    /// The last part of the path, without its extension.
    var name: String { URL(filePath: path).deletingPathExtension().lastPathComponent }
    /// The folder below Sources or Tests that the file belongs to.
    var target: String { String(path.split(separator: "/")[1]) }
  }

  /// All files below a folder with one of these extensions, by path.
  static func files(below folder: String, _ extensions: String...) throws -> [File] {
    let base = root.appending(path: folder)
    return try FileManager.default.subpathsOfDirectory(atPath: base.path).sorted()
      .filter { extensions.contains(URL(filePath: $0).pathExtension) }
      .map { path in
        File(
          path: folder + "/" + path,
          text: try String(contentsOf: base.appending(path: path), encoding: .utf8))
      }
  }

  /// The folders directly below one.
  static func folders(below folder: String) throws -> [String] {
    let base = root.appending(path: folder)
    return try FileManager.default.contentsOfDirectory(atPath: base.path).sorted().filter { name in
      (try? FileManager.default.contentsOfDirectory(atPath: base.appending(path: name).path)) != nil
    }
  }

  /// A file at the root, or nil while there is none.
  static func text(_ path: String) throws -> String? {
    let file = root.appending(path: path)
    guard FileManager.default.fileExists(atPath: file.path) else { return nil }
    return try String(contentsOf: file, encoding: .utf8)
  }

  static func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }
}

extension SourceTree.File {
  /// The modules that a Swift file imports.
  var imports: [String] {
    // Few lines pass the first look, which costs a hundredth of the match.
    text.split(separator: "\n").compactMap { line in
      guard line.contains("import ") else { return nil }
      return line.prefixMatch(
        of:
          #/\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)/#
      ).map { String($0.1) }
    }
  }

  /// The text without line comments.
  var code: String {
    text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.split(separator: "//", maxSplits: 1, omittingEmptySubsequences: false)[0] }
      .joined(separator: "\n")
  }
}
