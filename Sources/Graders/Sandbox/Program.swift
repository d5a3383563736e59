import Foundation

/// Programs of this machine.
enum Program {
  /// Where our own PATH has a program of that name; nil where it has none, and for anything with a slash.
  static func onPath(_ name: String) -> String? {
    guard !name.isEmpty, !name.contains("/") else { return nil }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return path.split(separator: ":").map { "\($0)/\(name)" }.first {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: $0, isDirectory: &isFolder) && !isFolder.boolValue
        && FileManager.default.isExecutableFile(atPath: $0)
    }
  }
}
