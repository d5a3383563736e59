import Foundation
package import Records

extension RunFolder {
  /// The plan the run was made with.
  package func plan() throws(StorageError) -> Plan {
    var plan = try RecordCoding.read(Plan.self, from: planPath)
    // Foundation's coders lose the order of keys and the difference of 1 and 1.0, and a grader has both.
    if let grader = try document(planPath)["grader"] { plan.grader = grader }
    return plan
  }

  /// Replaces the plan; only while no worker carries it out.
  package func write(_ plan: Plan) throws(StorageError) {
    let text = String(decoding: RecordCoding.line(plan), as: UTF8.self)
    guard var object = (try? JSONValue(parsing: text))?.object else {
      preconditionFailure("a plan encodes as a JSON object")
    }
    object["grader"] = plan.grader
    try AtomicFile.write(Array((JSONValue.object(object).serialised(.indented(2)) + "\n").utf8), to: planPath)
  }

  private func document(_ path: String) throws(StorageError) -> JSONValue {
    do {
      return try JSONValue(parsing: try Folder.bytes(of: path))
    } catch let error as JSONSyntaxError {
      throw StorageError(.malformed, path: path, error.description)
    } catch let error as StorageError {
      throw error
    } catch {
      throw StorageError(.malformed, path: path, "\(error)")
    }
  }

  /// The status as it was last written; `observedStatus` also notices a worker that died.
  package func status() throws(StorageError) -> RunStatus {
    try RecordCoding.read(RunStatus.self, from: statusPath)
  }

  /// Replaces the status. A heartbeat need not wait for the disk; the end of a run should.
  package func write(_ status: RunStatus, isDurable: Bool = true) throws(StorageError) {
    try AtomicFile.write(RecordCoding.document(status), to: statusPath, isDurable: isDurable)
  }

  /// What the run's defences found; nothing before they first looked.
  package func defence() throws(StorageError) -> DefenceRecord {
    do {
      return try RecordCoding.read(DefenceRecord.self, from: defencePath)
    } catch  where error.kind == .missing {
      return DefenceRecord()
    }
  }

  /// Replaces it.
  package func write(_ defence: DefenceRecord) throws(StorageError) {
    try AtomicFile.write(RecordCoding.document(defence), to: defencePath)
  }

  /// Why the run failed, if it did.
  package func failure() throws(StorageError) -> WorkerFailure? {
    do {
      return try RecordCoding.read(WorkerFailure.self, from: failurePath)
    } catch  where error.kind == .missing {
      return nil
    }
  }

  /// Notes why the run failed.
  package func write(_ failure: WorkerFailure) throws(StorageError) {
    try AtomicFile.write(RecordCoding.document(failure), to: failurePath)
  }

  /// Takes the note of an earlier failure away, as a new attempt begins.
  package func removeFailure() throws(StorageError) {
    if FileManager.default.fileExists(atPath: failurePath) { try Folder.remove(failurePath) }
  }
}
