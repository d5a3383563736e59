internal import Foundation

/// Where the program that holds the models is, and what it is started with.
package enum WorkerLocation {
  /// `$OPERANT_WORKER`, else `operant-worker` in the folder of this program.
  package static func find() throws(LaunchFailure) -> String {
    if let named = variable("OPERANT_WORKER") {
      guard access(named, X_OK) == 0 else {
        throw LaunchFailure(
          "OPERANT_WORKER names \(named), which is no program that can be run; correct or unset it")
      }
      return named
    }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let folder = URL(filePath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
    let path = folder.appending(path: "operant-worker").path
    guard access(path, X_OK) == 0 else {
      throw LaunchFailure(
        "operant-worker is not at \(path); build it (swift build) or name it in OPERANT_WORKER")
    }
    return path
  }

  /// What the worker's environment has beside ours. Whatever the user has set stands.
  ///
  /// OpenMP threads that spin while they wait take the cores from other work, so they are told to sleep. Shards
  /// run on changing threads, and every thread's own heap would keep the activations that it once held: two heaps
  /// take a quarter less memory after three steps.
  package static func environmentChanges(_ environment: [String: String]) -> [String: String] {
    let waiting = ["OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"]
    let heaps = ["MALLOC_ARENA_MAX": "2"]
    return [waiting, heaps].reduce(into: [:]) { changes, group in
      if group.keys.allSatisfy({ environment[$0] == nil }) { changes.merge(group) { $1 } }
    }
  }

  private static func variable(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
