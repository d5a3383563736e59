internal import Cluster
internal import Foundation
package import Records

/// Starts `operant-worker` processes that serve.
package struct ProcessLauncher: ServingLauncher {
  private let executable: String
  private let environment: [String: String]

  /// `environment` is added to this program's own, and to what every worker is started with.
  package init(executable: String, environment: [String: String] = [:]) {
    self.executable = executable
    let own = ProcessInfo.processInfo.environment
    self.environment = WorkerLocation.environmentChanges(own).merging(environment) { $1 }
  }

  package func launch(_ request: ServeRequest) -> any ServingConnection {
    ProcessConnection(executable: executable, environment: environment, request)
  }
}
