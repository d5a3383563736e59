internal import Foundation
internal import Records

/// Puts episodes together into groups as they end, on whatever thread that happens.
final class GroupGathering: Sendable {
  private let names: [String]
  private let attempts: Int
  private let lock = NSLock()
  private nonisolated(unsafe) var episodes: [[Episode?]]
  private nonisolated(unsafe) var count = 0

  init(_ names: [String], attempts: Int) {
    self.names = names
    self.attempts = attempts
    episodes = names.map { _ in [Episode?](repeating: nil, count: attempts) }
  }

  /// How many episodes have ended with this one, and the group's when it is complete.
  func add(_ episode: Episode, to group: Int) -> (count: Int, complete: [Episode]?) {
    lock.withLock {
      precondition(episodes[group][episode.index] == nil, "an episode of '\(names[group])' ended twice")
      episodes[group][episode.index] = episode
      count += 1
      let ended = episodes[group].compactMap { $0 }
      return (count, ended.count == attempts ? ended : nil)
    }
  }

  /// The episodes of every group; all must have ended.
  func groups() -> [[Episode]] {
    lock.withLock {
      precondition(count == names.count * attempts, "a policy answered without telling of every answer's end")
      return episodes.map { $0.compactMap { $0 } }
    }
  }
}
