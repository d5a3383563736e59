import ArgumentParser
import Foundation
import Graders
import Plans
import Records

struct GradeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade", abstract: "Try graders.", subcommands: [Run.self])

  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Grade one answer, without a model.",
      discussion: """
        Examples:
          operant grade run --grader grader.json --sample "Paris" --item '{"answer": "Paris"}'
          operant grade run --grader grader.yaml --sample-file answer.txt --item-file row.json --json
          operant generate "Hello" | operant grade run --grader grader.json

        --json prints the object of OpenAI's grader-run call. A grader that fails is no error of the command:
        its flag is set, and the reward is null.
        """)

    @Option(help: ArgumentHelp("The grader's definition, a JSON or YAML file.", valueName: "file"))
    var grader: String
    @Option(help: ArgumentHelp("The answer to grade; - or nothing reads standard input.", valueName: "text"))
    var sample: String?
    @Option(help: ArgumentHelp("Read the answer from a file.", valueName: "file"))
    var sampleFile: String?
    @Option(help: ArgumentHelp("The row's columns, a JSON object.", valueName: "json"))
    var item: String?
    @Option(help: ArgumentHelp("Read the row's columns from a file.", valueName: "file"))
    var itemFile: String?
    @Flag(help: "Print the object of OpenAI's grader-run call.")
    var json = false

    func validate() throws {
      if item != nil, itemFile != nil {
        throw ValidationError("--item and --item-file were both given; give one")
      }
    }

    func run() async throws {
      let grader: any Grader
      do throws(InvalidInput) {
        grader = try GraderFile(self.grader).compiled()
      } catch { throw CommandFailure(error) }
      let item = try row()
      let text = try TextInput.text(sample, file: sampleFile)
      guard let grade = await grader.grade([GradingSample(outputText: text, item: item)]).first else {
        throw CommandFailure("the grader gave no grade for the sample")
      }
      if json {
        Terminal.write(GraderRunReport(grade, by: grader.identity).json.serialised(.spaced) + "\n")
      } else {
        Terminal.write(SampleText.grade(grade) + "\n")
      }
    }

    private func row() throws(CommandFailure) -> JSONObject {
      let text: String
      let name: String
      if let itemFile {
        (text, name) = (try TextInput.contents(of: itemFile), itemFile)
      } else {
        (text, name) = (item ?? "{}", "--item")
      }
      let value: JSONValue
      do throws(JSONSyntaxError) { value = try JSONValue(parsing: text) } catch {
        throw .usage("\(name) is not JSON: \(error)")
      }
      guard let object = value.object else {
        throw .usage("\(name) is \(value.kind); expected an object of the row's columns")
      }
      // A whole row may be given: what is not a column of it is left out, as a data set does.
      guard object["messages"] != nil else { return object }
      return JSONObject(
        object.members.filter { !["messages", "tools"].contains($0.key) }.map { ($0.key, $0.value) })
    }
  }
}
