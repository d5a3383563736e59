import Foundation

/// Folders of the machine that a sandbox shows, read-only, under their own paths.
enum SandboxFolders {
  /// What a job finds in these places is its own.
  private static let reserved = ["/", "/box", "/given", "/scratch", "/tmp", "/proc", "/dev", "/sys", "/usr"]

  /// The folders to show so that all of these can be read: each under the name given and, where a link leads
  /// elsewhere, under its real one; outer ones before inner ones; without what is seen anyway.
  static func seen(_ folders: some Sequence<String>) -> [String] {
    var names: Set<String> = []
    for folder in folders {
      names.insert(URL(fileURLWithPath: folder).standardizedFileURL.path)
      names.insert(URL(fileURLWithPath: folder).resolvingSymlinksInPath().path)
    }
    return names.filter { !$0.hasPrefix("/usr/") && !reserved.contains($0) }.sorted()
  }

  /// Why a folder cannot be shown, or nil.
  static func problem(_ folder: String) -> String? {
    var isFolder: ObjCBool = false
    guard folder.hasPrefix("/") else { return "'\(folder)' is not an absolute path" }
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      return "there is no folder '\(folder)'"
    }
    let place = URL(fileURLWithPath: folder).standardizedFileURL.path
    guard !reserved.contains(place) || place == "/usr" else {
      return "'\(folder)' cannot be shown in the sandbox: it has one of its own there"
    }
    return nil
  }
}
