internal import Foundation
internal import Plans
internal import Store

/// What waiting jobs wait for, as sentences, and since when.
struct WaitingNotes: Sendable {
  /// What a paused job waits for.
  static var paused: String { "waits to be resumed, since " + time(.now) }
  /// What a job waits for before the scheduler has looked at it.
  static var queued: String { "waits for its turn, since " + time(.now) }

  /// The kind of reason, and when it began.
  private var since: [String: (kind: String, at: UnixTime)] = [:]

  /// The sentence for a job. What was found in the store is taken up, so that a restart does not begin the wait anew.
  mutating func sentence(_ job: Job, _ reason: TurnQueue.Reason, room: TurnQueue.Room) -> String {
    let (kind, text) = Self.words(reason, room: room)
    if since[job.id]?.kind != kind { since[job.id] = (kind, .now) }
    if let old = job.waitingFor, old.hasPrefix(text + ", since ") { return old }
    return text + ", since " + Self.time(since[job.id]?.at ?? .now)
  }

  mutating func forget(allBut ids: Set<String>) { since = since.filter { ids.contains($0.key) } }

  private static func words(_ reason: TurnQueue.Reason, room: TurnQueue.Room) -> (kind: String, String) {
    switch reason {
    case .worker(let busy):
      let all = busy == 1 ? "the only one is" : "all \(busy) are"
      return ("worker", "waits for a worker: \(all) busy with other jobs")
    case .memory(let needed, let free):
      return (
        "memory",
        "waits for memory: it is forecast to take \(Forecast.size(needed)), and \(Forecast.size(free)) of \(Forecast.size(room.bytes)) are free"
      )
    case .turn(let id): return ("turn", "waits for its turn behind \(id) of the same project")
    case .reserved:
      return ("reserved", "waits for its turn: another job has waited for memory for long and goes first")
    }
  }

  static func time(_ moment: UnixTime) -> String {
    let style = Date.ISO8601FormatStyle(timeZone: .gmt)
    return Date(timeIntervalSince1970: TimeInterval(moment)).formatted(style)
  }
}
