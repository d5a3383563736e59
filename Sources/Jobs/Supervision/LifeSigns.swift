internal import Checkpoints
internal import Cluster
internal import Foundation

/// Whether a worker still writes anything: its events, its log or its status.
struct LifeSigns {
  private let paths: [String]
  private let limit: Duration
  private var last: [String] = []
  /// While the machine sleeps nobody writes anything, which is no silence: this clock sleeps with it.
  private var changed = SuspendingClock.now

  init(_ run: RunFolder, limit: Duration) {
    paths = [
      WorkerAssignment.eventsPath(in: run.path), WorkerAssignment.logPath(in: run.path), run.statusPath,
      run.journalPath,
    ]
    self.limit = limit
  }

  /// Whether nothing has changed for longer than the limit.
  mutating func areMissing() -> Bool {
    let now = paths.map { path in
      let facts = try? FileManager.default.attributesOfItem(atPath: path)
      let time = (facts?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      return "\(time) \(facts?[.size] as? Int ?? 0)"
    }
    guard now == last else {
      last = now
      changed = .now
      return false
    }
    return SuspendingClock.now - changed > limit
  }
}
