import Checkpoints
import Foundation
import Records

/// All of a run that must be the same whenever it is repeated: bytes, without times, places and latencies.
struct RunContents {
  private(set) var parts: [String: Data] = [:]

  init(_ run: RunFolder) throws {
    for file in [run.journalPath, run.evaluationsPath, run.path + "/comparison.json"] {
      parts[String(file.dropFirst(run.path.count))] = try Data(contentsOf: URL(filePath: file))
    }
    for step in try run.episodeSteps() {
      parts["episodes \(step)"] = try Self.lines(run.episodes(step: step))
    }
    parts["base evaluation"] = try Self.lines(
      EpisodeArchive.groups(in: run.path + "/evaluation-base.jsonl.gz"))
    let checkpoints = run.checkpoints
    parts["checkpoints"] = Data("\(try checkpoints.steps())".utf8)
    for step in try checkpoints.steps() {
      let checkpoint = try checkpoints.checkpoint(step: step)
      for file in checkpoint.manifest.files {
        parts["checkpoint \(step) \(file.name)"] = try Self.withoutSeconds(Data(checkpoint.data(file.name)))
      }
    }
  }

  /// Names of what differs from another run.
  func differences(from other: RunContents) -> [String] {
    Set(parts.keys).union(other.parts.keys).filter { parts[$0] != other.parts[$0] }.sorted()
  }

  private static func lines(_ archive: (groups: [GradedGroup], damage: String?)) throws -> Data {
    if let damage = archive.damage { throw Unexpected(damage) }
    var text = ""
    for var group in archive.groups {
      for index in group.episodes.indices { group.episodes[index].grade.latencySeconds = 0 }
      text += try WorkerLine.encode(group) + "\n"
    }
    return Data(text.utf8)
  }

  /// A run's state also says how long it took.
  private static func withoutSeconds(_ data: Data) throws -> Data {
    guard data.first == UInt8(ascii: "{"), var state = try JSONValue(parsing: Array(data)).object,
      state["seconds"] != nil
    else { return data }
    state["seconds"] = nil
    return Data(JSONValue.object(state).serialised().utf8)
  }
}
