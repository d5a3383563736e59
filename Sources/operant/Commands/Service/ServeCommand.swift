import ArgumentParser
import Foundation
import Records
import Service

/// `operant serve`: the service.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve models and carry out jobs, for OpenAI's and Bedrock's clients.",
    discussion: """
      It starts without any setting: a data folder, one key that is printed once, this machine alone. Docs/service.md
      tells the rest, Docs/service-reference.md lists every setting.

      Examples:
        operant serve
        operant serve --data /srv/operant --port 9000
        operant serve --config service.yaml
        operant serve --host 0.0.0.0 --tls-certificate cert.pem --tls-key key.pem

      SIGTERM and Ctrl-C end it in good order: answers under way may end, workers go on and are found again.
      """)

  @Option(help: ArgumentHelp("The settings, a YAML file.", valueName: "file"))
  var config: String?
  @Option(
    help: ArgumentHelp(
      "The folder of store, files, runs and secrets. (default: operant-data)", valueName: "dir"))
  var data: String?
  @Option(help: ArgumentHelp("The address to listen at. (default: 127.0.0.1)", valueName: "address"))
  var host: String?
  @Option(help: ArgumentHelp("The port; 0 takes a free one. (default: 8080)", valueName: "n"))
  var port: String?
  @Option(help: ArgumentHelp("A PEM file with the certificate chain.", valueName: "file"))
  var tlsCertificate: String?
  @Option(help: ArgumentHelp("A PEM file with the certificate's key.", valueName: "file"))
  var tlsKey: String?
  @Option(help: ArgumentHelp("keys, or off for a service that asks nobody for one.", valueName: "mode"))
  var auth: String?
  @Option(help: ArgumentHelp("plain, or json for an object a line.", valueName: "format"))
  var logFormat: String?
  @Flag(help: "Print the reference page of settings, and do nothing.")
  var reference = false
  @Flag(help: "Print the description of all routes (OpenAPI 3.1), and do nothing.")
  var openapi = false

  func run() async throws {
    if reference { return Terminal.write(SettingsReference.markdown) }
    if openapi { return Terminal.write(OpenAPIDocument.text) }
    let settings = try SettingsReader.read(file: config, flags: flags).resolved()
    do {
      try await LocalService.run(settings) { announcement in Terminal.write(announcement + "\n") }
    } catch let failure as ServiceFailure { throw CommandFailure(failure.description) }
  }

  private var flags: [(path: String, name: String, value: String)] {
    let given: [(String, String, String?)] = [
      ("data", "--data", data), ("listen.host", "--host", host), ("listen.port", "--port", port),
      ("listen.certificate", "--tls-certificate", tlsCertificate), ("listen.key", "--tls-key", tlsKey),
      ("auth", "--auth", auth), ("log.format", "--log-format", logFormat),
    ]
    return given.compactMap { path, name, value in value.map { (path, name, $0) } }
  }
}
