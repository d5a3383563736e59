/// How `operant serve` runs; a YAML file and `OPERANT_...` variables set what the command line does not.
package struct ServiceSettings: Sendable, Hashable {
  /// The store, files, runs and logs.
  package var dataFolder: String
  package var host: String
  package var port: Int

  package init(dataFolder: String = "operant-data", host: String = "127.0.0.1", port: Int = 8080) {
    self.dataFolder = dataFolder
    self.host = host
    self.port = port
  }
}
