internal import Foundation
internal import Records
package import Store

/// The folder of a service: its store, files, runs and secrets, for its owner's eyes only.
package struct DataFolder: Sendable, Hashable {
  package let path: String

  package var store: String { path + "/operant.sqlite" }
  package var files: String { path + "/files" }
  package var jobs: String { path + "/jobs" }
  package var objects: String { path + "/objects" }
  /// Copies of remote objects, and what is to be delivered to them.
  package var bedrock: String { path + "/bedrock" }
  package var scratch: String { path + "/scratch" }
  var secret: String { path + "/secret" }
  var lock: String { path + "/service.lock" }
  /// The port at which the service answers its own workers, where that is another than the one for clients.
  var insidePort: String { path + "/inside.port" }

  /// - Parameter path: relative ones begin at the current folder.
  package init(_ path: String) { self.path = URL(filePath: path).standardizedFileURL.path }

  /// Whether a service was ever started in it.
  package var exists: Bool { FileManager.default.fileExists(atPath: store) }

  /// Makes what is missing, and shuts the folder to others.
  package func prepare() throws(ServiceFailure) {
    do {
      for folder in [path, files, jobs, objects, bedrock, scratch] {
        try FileManager.default.createDirectory(
          atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      }
      try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: path)
    } catch {
      throw ServiceFailure("the data folder \(path) cannot be made or changed: \(error.localizedDescription)")
    }
  }

  /// The store, made when it is missing.
  package func open() throws(ServiceFailure) -> Store {
    do throws(StoreError) {
      let store = try Store(path: self.store)
      // What SQLite makes beside the file has the file's rights.
      chmod(self.store, 0o600)
      return store
    } catch { throw ServiceFailure(error.message) }
  }

  /// The service's own secret, 32 random bytes, made when it is missing. Signing keys are derived from it.
  package func masterSecret() throws(ServiceFailure) -> [UInt8] {
    if let bytes = FileManager.default.contents(atPath: secret) {
      guard bytes.count == 32 else {
        throw ServiceFailure(
          "\(secret) is damaged: it has \(bytes.count) bytes and should have 32; take it from a backup")
      }
      return Array(bytes)
    }
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    let fresh = secret + ".new"
    unlink(fresh)
    let file = Foundation.open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw ServiceFailure("\(fresh) cannot be made: \(String(cString: strerror(errno)))")
    }
    let count = bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    let isOnDisk = fsync(file) == 0
    close(file)
    guard count == 32, isOnDisk, rename(fresh, secret) == 0 else {
      throw ServiceFailure("\(secret) cannot be written: \(String(cString: strerror(errno)))")
    }
    return bytes
  }

  /// Bytes that are free on its disk; nil when that cannot be told.
  package var freeBytes: Int? {
    var statistics = statvfs()
    guard statvfs(path, &statistics) == 0 else { return nil }
    return Int(clamping: UInt64(statistics.f_bavail) * UInt64(statistics.f_frsize))
  }
}

/// Why the service cannot start, or an operation on its folder cannot be done.
package struct ServiceFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
