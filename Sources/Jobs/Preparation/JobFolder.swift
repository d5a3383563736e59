internal import Checkpoints
internal import Foundation
internal import Records

/// What a job has on disk:
///
///     train.jsonl       its rows, as they were when the job was accepted
///     held-out.jsonl    its held-out rows, where it was given any
///     run/              its run folder, once it was first started
package struct JobFolder: Sendable, Hashable {
  package let path: String

  package init(_ jobID: String, under root: String) {
    let isPlain = jobID.utf8.allSatisfy { byte in
      byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
    var hash = StableHash()
    hash.combine(jobID)
    // An ARN makes a bad file name.
    path = root + "/" + (isPlain && !jobID.hasPrefix(".") && !jobID.isEmpty ? jobID : "job-" + hash.hex)
  }

  var trainPath: String { path + "/train.jsonl" }
  var heldOutPath: String { path + "/held-out.jsonl" }
  var runRoot: String { path + "/run" }

  func make() throws(JobFailure) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw JobFailure(.unusable, "the folder \(path) cannot be made: \(error.localizedDescription)")
    }
  }

  /// The job's run, if it was made. A folder that cannot be looked into is an error and not an empty one.
  func run() throws(StorageError) -> RunFolder? {
    guard let name = try names().first(where: { !$0.hasPrefix(".") }) else { return nil }
    return try RunFolder(opening: runRoot + "/" + name)
  }

  /// The job's run, made of this plan if there is none. What a killed attempt at making it has left goes.
  func run(_ plan: Plan) throws(StorageError) -> RunFolder {
    if let run = try run() { return run }
    for name in try names() where name.hasPrefix(".new-") {
      try? FileManager.default.removeItem(atPath: runRoot + "/" + name)
    }
    return try RunFolder.create(plan, under: runRoot)
  }

  private func names() throws(StorageError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: runRoot).sorted()
    } catch let error as CocoaError where error.code == .fileReadNoSuchFile {
      return []
    } catch {
      throw StorageError(
        .inaccessible, path: runRoot, "the folder cannot be listed: \(error.localizedDescription)")
    }
  }
}
