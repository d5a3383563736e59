import ArgumentParser
import Foundation

/// Which service is asked, and by whom.
struct ServiceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The service. (default: OPERANT_URL, OPENAI_BASE_URL, else http://127.0.0.1:8080/v1)",
      valueName: "url"))
  var url: String?
  @Option(
    help: ArgumentHelp(
      "A file with the API key. (default: OPERANT_API_KEY, OPENAI_API_KEY)", valueName: "file"))
  var keyFile: String?

  /// The client for these options; a key on the command line would be in every list of processes.
  func client() throws(CommandFailure) -> ServiceClient {
    let environment = ProcessInfo.processInfo.environment
    func variable(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    var text = url ?? variable("OPERANT_URL", "OPENAI_BASE_URL") ?? "http://127.0.0.1:8080/v1"
    while text.hasSuffix("/") { text.removeLast() }
    guard let base = URL(string: text), let scheme = base.scheme, ["http", "https"].contains(scheme),
      base.host != nil
    else {
      throw .usage("\(text) is no address of a service; expected something like http://127.0.0.1:8080/v1")
    }
    // The address of the machine alone means its API.
    let isBare = base.path.isEmpty || base.path == "/"
    var key = variable("OPERANT_API_KEY", "OPENAI_API_KEY")
    if let keyFile {
      guard let text = try? String(contentsOfFile: keyFile, encoding: .utf8) else {
        throw .usage("the key file \(keyFile) cannot be read")
      }
      key = text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return ServiceClient(base: isBare ? base.appending(path: "v1") : base, key: key)
  }
}
