internal import Foundation
internal import Logging
internal import Records
internal import Store

/// Writes down what was asked of models and answered, for the projects that want it, the way Bedrock does: files of
/// JSON lines, packed, below the bucket that the project has named.
///
/// A record costs its sender an append to a list. From there it goes to a file of the service's own every few seconds,
/// and that file to the bucket every minute, or when it is large, or when the service ends.
package actor InvocationLog {
  /// A file is closed when it is this old or this large.
  static let seconds = 60
  static let bytes = 4 << 20

  private let store: Store
  private let storage: any ObjectStorage
  private let folder: String
  private let account: String
  private var pending: [(record: InvocationRecord, target: Target)] = []
  /// What projects have configured, as far as it was asked; nil for those that log nothing.
  private var targets: [String: Target?] = [:]
  private var opened: [String: UnixTime] = [:]

  /// Where a project's logs go.
  private struct Target: Sendable, Hashable {
    var bucket: String
    var prefix: String
  }

  init(store: Store, storage: any ObjectStorage, folder: String, settings: BedrockSettings) {
    self.store = store
    self.storage = storage
    self.folder = folder
    account = settings.account
  }

  /// Takes a record of any project; one whose project logs nothing is forgotten.
  package func record(_ record: InvocationRecord) async {
    if let target = await target(of: record.projectID) { pending.append((record, target)) }
  }

  /// A project's configuration is read anew.
  func configurationChanged(_ projectID: String) { targets[projectID] = nil }

  /// Closes files that a service before this one has left open.
  func recover() {
    for place in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      close("\(folder)/\(place)")
    }
  }

  /// Writes what has come and delivers what is due.
  ///
  /// - Parameter isLast: everything is due.
  func deliver(isLast: Bool, logger: Logger) async {
    spool(logger)
    for place in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      let path = "\(folder)/\(place)"
      let size =
        (try? FileManager.default.attributesOfItem(atPath: path + "/open.jsonl"))?[.size] as? Int ?? 0
      let age = UnixTime.now - (opened[path] ?? .now)
      if size > 0, isLast || size >= Self.bytes || age >= Self.seconds { close(path) }
      for file in ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
      where file.hasSuffix(".closed") {
        do throws(ObjectFailure) { try await ship("\(path)/\(file)", from: path) } catch {
          logger.warning("invocation logs could not be delivered", metadata: ["cause": "\(error)"])
          break
        }
      }
    }
  }

  /// Writes what has come to a file of the service's own.
  func spool(_ logger: Logger) {
    let records = pending
    pending = []
    for (record, target) in records {
      let name = Digest.hex(
        Digest.sha256(Array("\(record.projectID) \(record.region) \(target.bucket) \(target.prefix)".utf8)))
      let place = "\(folder)/\(name.prefix(24))"
      do {
        try open(place, target, region: record.region)
        let line = record.json(account: account).serialised() + "\n"
        let file = try FileHandle(forWritingTo: URL(filePath: place + "/open.jsonl"))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(line.utf8))
      } catch {
        logger.error("an invocation could not be logged", metadata: ["cause": "\(error)"])
      }
    }
  }

  private func target(of projectID: String) async -> Target? {
    if let known = targets[projectID] { return known }
    let configuration: JSONValue?
    // An answer that did not come is asked for again with the next record.
    do throws(StoreError) { configuration = try await store.invocationLogging(projectID: projectID) } catch {
      return nil
    }
    guard let configuration else {
      targets[projectID] = .some(nil)
      return nil
    }
    var target: Target?
    if configuration["textDataDeliveryEnabled"]?.bool != false,
      let bucket = configuration["s3Config"]?["bucketName"]?.string
    {
      target = Target(bucket: bucket, prefix: configuration["s3Config"]?["keyPrefix"]?.string ?? "")
    }
    targets[projectID] = .some(target)
    return target
  }

  // MARK: Files of the service's own

  private func open(_ place: String, _ target: Target, region: String) throws {
    let file = place + "/open.jsonl"
    guard !FileManager.default.fileExists(atPath: file) else { return }
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let start = target.prefix.isEmpty || target.prefix.hasSuffix("/") ? target.prefix : target.prefix + "/"
    let description: JSONValue = [
      "bucket": .string(target.bucket),
      "key": .string("\(start)AWSLogs/\(account)/BedrockModelInvocationLogs/\(region)/"),
    ]
    try description.serialised().write(toFile: place + "/target.json", atomically: true, encoding: .utf8)
    guard FileManager.default.createFile(atPath: file, contents: nil) else {
      throw ObjectFailure("\(file) cannot be made")
    }
    opened[place] = .now
  }

  private func close(_ place: String) {
    let moment = LogMoment.now()
    let name = "\(moment)_\(Identifier.lower(length: 16)).closed"
    _ = rename(place + "/open.jsonl", "\(place)/\(name)")
    opened[place] = nil
  }

  private func ship(_ file: String, from place: String) async throws(ObjectFailure) {
    guard let text = try? String(contentsOfFile: place + "/target.json", encoding: .utf8),
      let target = try? JSONValue(parsing: text), let bucket = target["bucket"]?.string,
      let key = target["key"]?.string
    else { throw ObjectFailure("\(place)/target.json cannot be read") }
    let name = (file as NSString).lastPathComponent
    let packed = file + ".gz"
    let isPacked = await Offload.run {
      guard let bytes = FileManager.default.contents(atPath: file) else { return false }
      return (try? Data(Gzip.packed(Array(bytes))).write(to: URL(filePath: packed), options: .atomic)) != nil
    }
    guard isPacked else { throw ObjectFailure("\(packed) cannot be written") }
    let hours = LogMoment.folders(name)
    try await storage.put(
      packed,
      at: S3Address(bucket: bucket, key: "\(key)\(hours)/\(name.replacing(".closed", with: ".json.gz"))"))
    try? FileManager.default.removeItem(atPath: packed)
    try? FileManager.default.removeItem(atPath: file)
  }
}
