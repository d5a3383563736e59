import ArgumentParser
import Records
import Service
import Store

/// Which service's folder a command works on. It does so directly, whether a service runs there or not.
struct ServiceFolderOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The service's data folder. (default: OPERANT_DATA, else operant-data)", valueName: "dir"))
  var data: String?
  @Option(help: ArgumentHelp("The service's settings, a YAML file.", valueName: "file"))
  var config: String?

  /// The settings, as `serve` would take them.
  func settings() throws -> ServiceSettings {
    try SettingsReader.read(file: config, flags: data.map { [("data", "--data", $0)] } ?? []).resolved()
  }

  /// The folder, where a service has been started before.
  func folder() throws -> DataFolder {
    let folder = DataFolder(try settings().data)
    guard folder.exists else {
      throw CommandFailure(
        "\(folder.path) is no service's data folder; `operant serve` makes one, --data names it")
    }
    return folder
  }

  /// Its projects and keys.
  func accounts() throws -> Accounts {
    let folder = try folder()
    return Accounts(store: try folder.open(), signing: SigningSecret(master: try folder.masterSecret()))
  }
}
