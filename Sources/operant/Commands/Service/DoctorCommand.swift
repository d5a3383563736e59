import ArgumentParser
import Service

/// `operant doctor`: looks whether a service can do its work here.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Look whether a service can do its work here, and say what is missing.",
    discussion: """
      Ends with 1 when something would keep the service from its work.

      Example:
        operant doctor --config service.yaml
      """)

  @OptionGroup var service: ServiceFolderOptions

  func run() async throws {
    let findings = await Doctor(try service.settings()).examine()
    for finding in findings {
      Terminal.write("\(finding.verdict.rawValue)  \(finding.name): \(finding.sentence)\n")
    }
    let failures = findings.count { $0.verdict == .bad }
    if failures > 0 {
      throw CommandFailure(failures == 1 ? "one thing must be mended" : "\(failures) things must be mended")
    }
  }
}
