import Foundation
import Testing

/// Where the package lies.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent().path

/// The default model, when `Scripts/setup.sh model` has fetched it.
let quickstartModel = packageFolder + "/.deps/models/smollm2-135m-instruct/model.gguf"

/// The reference Python packages, when `Scripts/setup.sh venv` has installed them.
enum Reference {
  private static let python = packageFolder + "/.venv/bin/python"
  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: python) }

  /// Runs a command of Scripts/parity/files.py and returns what it printed.
  static func run(_ command: String, _ path: String) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = [packageFolder + "/Scripts/parity/files.py", command, path]
    let output = Pipe()
    process.standardOutput = output
    process.environment = ProcessInfo.processInfo.environment.merging(["TF_CPP_MIN_LOG_LEVEL": "3"]) { $1 }
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "files.py \(command) failed")
    return data
  }

  /// A fresh folder for fixtures inside `.deps/parity`, which git ignores.
  static func folder(_ name: String) throws -> String {
    let folder = packageFolder + "/.deps/parity/files-\(name)"
    try? FileManager.default.removeItem(atPath: folder)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }
}
