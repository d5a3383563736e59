internal import Foundation
package import Gateway
package import Logging
package import Store
internal import Synchronization

/// What all parts of a service stand on: its folder, store, secrets, figures and log.
package struct ServiceGround: Sendable {
  package let settings: ServiceSettings
  package let folder: DataFolder
  package let store: Store
  package let blobs: Blobs
  package let accounts: Accounts
  package let internalKeys: InternalKeys
  package let authenticator: Authenticator
  package let metrics: MetricsRegistry
  package let state: ServingState
  package let logger: Logger
  /// Where the service answers its own machine.
  package let ownAddress: OwnAddress
  /// Shown once; nil when there was a key already.
  package let firstKey: Accounts.NewKey?
  private let lock: ServiceLock

  /// Opens the folder, alone, and makes what a first start needs.
  package init(_ settings: ServiceSettings, logger: Logger) async throws {
    self.settings = settings
    self.logger = logger
    folder = DataFolder(settings.data)
    try folder.prepare()
    lock = try ServiceLock(folder)
    store = try folder.open()
    blobs = try Blobs(folder: folder.files)
    let master = try folder.masterSecret()
    let signing = SigningSecret(master: master)
    accounts = Accounts(store: store, signing: signing)
    internalKeys = InternalKeys(master: master)
    let (project, key) = try await accounts.prepare()
    firstKey = key
    authenticator = Authenticator(
      store: store, mode: settings.auth == .off ? .off(project) : .keys, signing: signing,
      internalKeys: internalKeys, hosts: OwnHosts([settings.listen.host] + settings.listen.names))
    metrics = MetricsRegistry()
    state = ServingState()
    ownAddress = OwnAddress()
  }
}

/// The address by which the service's own workers reach it: known once it listens.
package final class OwnAddress: Sendable {
  private let port = Mutex(0)

  /// Such as `http://127.0.0.1:8080`.
  package var url: String { "http://127.0.0.1:\(port.withLock { $0 })" }

  package func listens(at port: Int) { self.port.withLock { $0 = port } }

  /// Whether it is known, once it is or the time is over.
  package func isKnown(within limit: Duration) async -> Bool {
    let end = ContinuousClock.now + limit
    while port.withLock({ $0 }) == 0 {
      guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(50))) != nil else {
        return false
      }
    }
    return true
  }
}
