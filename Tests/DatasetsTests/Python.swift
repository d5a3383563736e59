import Foundation

/// Runs Python programs, where there is an interpreter.
enum Python {
  static var isInstalled: Bool {
    let found = FileManager.default.isExecutableFile(atPath: "/usr/bin/python3")
    if !found { print("skipped: no /usr/bin/python3") }
    return found
  }

  /// What the program prints, its errors included.
  static func run(_ program: String) throws -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "operant-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "program.py")
    try program.write(to: file, atomically: true, encoding: .utf8)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = [file.path]
    let output = Pipe()
    (process.standardOutput, process.standardError) = (output, output)
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
