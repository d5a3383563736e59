internal import LanguageModels
internal import Records

/// Attempts that wait for a row: the policy that has the fewest rows comes next, and of a policy who came first.
struct AdmissionQueue {
  private var waiting: [PolicyName: [(arrival: Int, share: BatchShare)]] = [:]
  private var arrivals = 0
  /// Attempts that wait.
  private(set) var count = 0

  mutating func add(_ share: BatchShare) {
    waiting[share.policy.name, default: []].append((arrivals, share))
    arrivals += 1
    count += share.attempts.count
  }

  /// Takes out who comes next; `rows` has the rows of each policy.
  mutating func next(rows: [PolicyName: Int]) -> BatchShare? {
    let turn = waiting.min { a, b in
      let (x, y) = (rows[a.key, default: 0], rows[b.key, default: 0])
      return x != y ? x < y : (a.value.first?.arrival ?? 0) < (b.value.first?.arrival ?? 0)
    }
    guard let policy = turn?.key, var line = waiting[policy], !line.isEmpty else { return nil }
    let share = line.removeFirst().share
    waiting[policy] = line.isEmpty ? nil : line
    count -= share.attempts.count
    return share
  }

  /// Takes out an attempt of a command, or all that wait; those that were there.
  mutating func cancel(_ id: UInt64, attempt: Int?, of policy: PolicyName) -> [Int] {
    var gone: [Int] = []
    var line = waiting[policy] ?? []
    for place in line.indices where line[place].share.command.id == id {
      let attempts = line[place].share.attempts
      line[place].share.attempts = attempts.filter { attempt != nil && $0 != attempt }
      gone += attempts.filter { attempt == nil || $0 == attempt }
    }
    line.removeAll(where: \.share.attempts.isEmpty)
    waiting[policy] = line.isEmpty ? nil : line
    count -= gone.count
    return gone
  }

  /// Parts a command's attempts: they stay together, as they share their prompt, unless they are more than half of a
  /// shard's rows.
  static func parts(of attempts: Int, shards: Int, rows: Int) -> [[Int]] {
    let half = max(1, rows / 2)
    let parts = min(shards, (attempts + half - 1) / half)
    let size = min(rows, (attempts + parts - 1) / parts)
    return stride(from: 0, to: attempts, by: size).map { Array($0..<min(attempts, $0 + size)) }
  }
}
