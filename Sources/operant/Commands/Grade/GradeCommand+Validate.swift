import ArgumentParser
import Graders
import Plans
import Records

extension GradeCommand {
  struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check a grader's definition; every problem at once, each with its line.",
      discussion: """
        Examples:
          operant grade validate --grader grader.json
          operant grade validate --grader grader.yaml --json
        """)

    @OptionGroup var grader: GraderOptions
    @Flag(help: "Print the object of OpenAI's grader-validate call.")
    var json = false

    func run() async throws {
      let definition = try grader.file().definition
      let (compiled, warnings) = try grader.compiled()
      for warning in warnings { Terminal.writeError(warning.description + "\n") }
      if json {
        Terminal.write(JSONValue.object(JSONObject([("grader", definition)])).serialised(.spaced) + "\n")
      } else {
        let identity = compiled.identity
        Terminal.write("\(identity.name): a \(identity.type) grader, version \(identity.version)\n")
      }
    }
  }
}
