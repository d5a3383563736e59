import ArgumentParser
import Checkpoints
import Foundation

/// Where runs are kept.
struct RunsOption: ParsableArguments {
  @Option(help: ArgumentHelp("The folder that holds runs.", valueName: "dir"))
  var runs = "runs"
}

/// Finds the run a user names.
enum RunLookup {
  /// A path, a name below the folder of runs, or `latest`.
  static func find(_ name: String, under root: String) throws(CommandFailure) -> RunFolder {
    if name == "latest" {
      do {
        if let newest = try RunFolder.list(under: root).first { return newest.folder }
      } catch  where error.kind == .missing {
        // No folder of runs is no run: the sentence below says so.
      } catch {
        throw CommandFailure(error.description)
      }
      throw .usage(
        "there is no run in \(root) yet; start one with operant train, or name the folder with --runs")
    }
    var isFolder: ObjCBool = false
    let isPath = FileManager.default.fileExists(atPath: name, isDirectory: &isFolder) && isFolder.boolValue
    do throws(StorageError) {
      return try RunFolder(opening: isPath || name.contains("/") ? name : root + "/" + name)
    } catch {
      throw .usage(error.description)
    }
  }
}
