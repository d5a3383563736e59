internal import Foundation
internal import Gateway
internal import Records
internal import Store

/// A job's rows as files on this machine.
struct TrainingData: Sendable, Hashable {
  var training: String
  var validation: String?
  /// What the job's owner should know of how the rows were made.
  var note: String?
}

extension Bedrock {
  /// Finds the files that a request names, or makes them in `folder`; nil where something was reported.
  func trainingData(
    _ request: CustomizationRequest, _ call: Call, _ problems: WireProblems, in folder: String
  ) async throws -> TrainingData? {
    if let output = request.output { try await objects.check(output, call.project) }
    var data: TrainingData?
    switch request.training {
    case .rows(let address):
      let path = try await rows(address, at: "trainingDataConfig.s3Uri", call, folder, problems)
      data = path.map { TrainingData(training: $0) }
    case .logs(let source): data = try await rows(of: source, call, folder, problems)
    case nil: break
    }
    var validation: [String] = []
    for (index, address) in request.validation.enumerated() {
      let place = "validationDataConfig.validators[\(index)].s3Uri"
      if let path = try await rows(address, at: place, call, folder, problems) { validation.append(path) }
    }
    data?.validation = try await joined(validation, folder)
    return data
  }

  private func rows(
    _ address: S3Address, at place: String, _ call: Call, _ folder: String, _ problems: WireProblems
  ) async throws -> String? {
    guard let path = try await objects.file(address, of: call.project, copyInto: folder) else {
      problems.add(address.description, at: place, "there is no such object")
      return nil
    }
    let most = settings.limits.rows.upperBound
    guard let count = await Offload.run({ Self.rows(in: path, upTo: most + 1) }) else {
      problems.add(address.description, at: place, "the object cannot be read")
      return nil
    }
    guard place == "trainingDataConfig.s3Uri" || count > most || count == 0 else { return path }
    return check(count, address, at: place, problems) ? path : nil
  }

  private func check(
    _ count: Int, _ address: S3Address, at place: String, _ problems: WireProblems, note: String? = nil
  ) -> Bool {
    let limits = settings.limits.rows
    if limits.contains(count) { return true }
    problems.add(
      address.description, at: place,
      count < limits.lowerBound
        ? "it has \(count) rows; at least \(limits.lowerBound) are needed" + (note.map { "; \($0)" } ?? "")
        : "it has more than \(limits.upperBound) rows")
    return false
  }

  private func rows(
    of source: InvocationSource, _ call: Call, _ folder: String, _ problems: WireProblems
  ) async throws -> TrainingData? {
    let place = "trainingDataConfig.invocationLogsConfig"
    let reader = InvocationLogReader(source: source, limit: settings.limits.rows.upperBound)
    let path = "\(folder)/invocations.jsonl"
    let outcome = try await reader.write(path, objects, call.project, folder)
    let note = outcome.passedOver.sentence
    guard check(outcome.rows, source.address, at: place, problems, note: note) else { return nil }
    return TrainingData(training: path, note: note)
  }

  /// Several validation files are one held-out set.
  private func joined(_ paths: [String], _ folder: String) async throws -> String? {
    guard paths.count > 1 else { return paths.first }
    let path = "\(folder)/validation.jsonl"
    let isWritten = await Offload.run {
      do {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var all = Data()
        for one in paths {
          all += try Data(contentsOf: URL(filePath: one))
          if all.last != UInt8(ascii: "\n") { all.append(UInt8(ascii: "\n")) }
        }
        try all.write(to: URL(filePath: path), options: .atomic)
        return true
      } catch { return false }
    }
    guard isWritten else { throw APIFailure(.unavailable, "the validation files cannot be joined") }
    return path
  }

  /// Lines that are not blank, counted up to a limit; nil where the file cannot be read.
  static func rows(in path: String, upTo limit: Int) -> Int? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    var count = 0
    var isBlank = true
    while count < limit {
      let piece: Data?
      do { piece = try file.read(upToCount: 1 << 20) } catch { return nil }
      guard let piece, !piece.isEmpty else { return isBlank ? count : count + 1 }
      for byte in piece {
        if byte == UInt8(ascii: "\n") {
          if !isBlank { count += 1 }
          isBlank = true
        } else if byte != UInt8(ascii: " ") && byte != UInt8(ascii: "\r") && byte != UInt8(ascii: "\t") {
          isBlank = false
        }
      }
    }
    return count
  }
}
