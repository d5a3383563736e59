import Records
import Synchronization

/// What the tests of a row ask before any code ran. A row comes back in each epoch and each measurement, and its tests ask
/// the same then.
final class ScriptCache: Sendable {
  typealias Plan = (script: String, count: Int)

  private let plans = Mutex<[JSONValue: Plan]>([:])
  private static let capacity = 2048
  /// Scripts longer than this are made anew.
  private static let mostBytes = 16 << 10

  subscript(tests: JSONValue) -> Plan? {
    get { plans.withLock { $0[tests] } }
    set {
      guard let newValue, newValue.script.utf8.count <= Self.mostBytes else { return }
      plans.withLock { plans in
        // Which to give up matters little, as all rows are used in turn.
        if plans.count >= Self.capacity, let any = plans.keys.first { plans[any] = nil }
        plans[tests] = newValue
      }
    }
  }
}
