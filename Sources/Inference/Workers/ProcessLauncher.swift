package import Records

/// Starts `operant-worker` processes that serve.
package struct ProcessLauncher: ServingLauncher {
  private let executable: String
  private let environment: [String: String]

  /// `environment` is added to this program's own.
  package init(executable: String, environment: [String: String] = [:]) {
    self.executable = executable
    self.environment = environment
  }

  package func launch(_ request: ServeRequest) -> any ServingConnection {
    ProcessConnection(executable: executable, environment: environment, request)
  }
}
