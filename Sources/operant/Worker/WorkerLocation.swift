import Foundation

/// Where the program that holds the models is, and what it is started with.
enum WorkerLocation {
  /// `$OPERANT_WORKER`, else `operant-worker` in the folder of this program.
  static func find() throws(CommandFailure) -> String {
    if let named = variable("OPERANT_WORKER") {
      guard access(named, X_OK) == 0 else {
        throw CommandFailure(
          "OPERANT_WORKER names \(named), which is no program that can be run; correct or unset it")
      }
      return named
    }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let folder = URL(filePath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
    let path = folder.appending(path: "operant-worker").path
    guard access(path, X_OK) == 0 else {
      throw CommandFailure(
        "operant-worker is not at \(path); build it (swift build) or name it in OPERANT_WORKER")
    }
    return path
  }

  /// What the worker's environment has beside ours.
  ///
  /// Sampling alternates short parallel loops with other work: OpenMP threads that spin while they wait take
  /// the cores from it, so they are told to sleep. Whatever the user has set stands.
  static func environmentChanges(_ environment: [String: String]) -> [String: String] {
    let changes = ["OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"]
    let isSetByUser = changes.keys.contains { environment[$0] != nil }
    return isSetByUser ? [:] : changes
  }

  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
