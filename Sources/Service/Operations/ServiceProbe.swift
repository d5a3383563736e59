internal import Foundation
package import Gateway
package import Store

/// What must be well for the service to do its work.
package struct ServiceProbe: Sendable {
  /// A thing that was looked at.
  package struct Finding: Sendable, Hashable {
    package let name: String
    /// nil when it is well.
    package let problem: String?
  }

  private let folder: DataFolder
  private let store: Store
  private let state: ServingState
  /// The path of the program that trains and answers; throws when there is none.
  private let worker: @Sendable () throws -> String

  /// Less than this on the disk, and no checkpoint could be written.
  package static let leastFreeBytes = 256 << 20

  package init(
    folder: DataFolder, store: Store, state: ServingState, worker: @escaping @Sendable () throws -> String
  ) {
    self.folder = folder
    self.store = store
    self.state = state
    self.worker = worker
  }

  /// Every finding, good and bad.
  package func look() async -> [Finding] {
    var findings: [Finding] = []
    do {
      try await store.checkWritable()
      findings.append(Finding(name: "store", problem: nil))
    } catch { findings.append(Finding(name: "store", problem: error.message)) }
    let free = folder.freeBytes
    findings.append(
      Finding(
        name: "disk",
        problem: (free ?? 0) >= Self.leastFreeBytes
          ? nil
          : "\((free ?? 0) >> 20) MiB are free at \(folder.path); \(Self.leastFreeBytes >> 20) MiB are needed"
      ))
    do {
      _ = try worker()
      findings.append(Finding(name: "worker", problem: nil))
    } catch { findings.append(Finding(name: "worker", problem: "\(error)")) }
    findings.append(
      Finding(name: "serving", problem: state.isDraining ? "the service is being stopped" : nil))
    return findings
  }
}
