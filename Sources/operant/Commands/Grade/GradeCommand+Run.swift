import ArgumentParser
import Foundation
import Graders
import Records

extension GradeCommand {
  struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Grade one answer or a file of them, without a model.",
      discussion: """
        Examples:
          operant grade run --grader grader.json --sample "Paris" --item '{"answer": "Paris"}'
          operant grade run --grader grader.yaml --sample-file answer.txt --item-file row.json --json
          operant grade run --grader grader.json --file answers.jsonl
          operant generate "Hello" | operant grade run --grader grader.json

        A file has one {"item": {...}, "answer": "..."} a line. --json prints the object of OpenAI's grader-run call,
        one a line. A grader that fails is no error of the command: its flag is set, and the reward is null.
        """)

    @OptionGroup var grader: GraderOptions
    @Option(help: ArgumentHelp("The answer to grade; - or nothing reads standard input.", valueName: "text"))
    var sample: String?
    @Option(help: ArgumentHelp("Read the answer from a file.", valueName: "file"))
    var sampleFile: String?
    @Option(help: ArgumentHelp("The row's columns, a JSON object.", valueName: "json"))
    var item: String?
    @Option(help: ArgumentHelp("Read the row's columns from a file.", valueName: "file"))
    var itemFile: String?
    @Option(help: ArgumentHelp("Grade every answer of a JSONL file.", valueName: "file"))
    var file: String?
    @Flag(help: "Print the object of OpenAI's grader-run call.")
    var json = false

    func validate() throws {
      if item != nil, itemFile != nil {
        throw ValidationError("--item and --item-file were both given; give one")
      }
      if file != nil, sample != nil || sampleFile != nil || item != nil || itemFile != nil {
        throw ValidationError("--file has the answers and their rows; leave --sample and --item out")
      }
    }

    func run() async throws {
      let (grader, _) = try self.grader.compiled()
      if let file { return try await grade(AnswerRows(file: file).rows, with: grader) }
      let item = try row()
      let text = try TextInput.text(sample, file: sampleFile)
      let grades = await grader.checkedGrades(of: [GradingSample(outputText: text, item: item)])
      for grade in grades { show(grade, by: grader, place: nil) }
    }

    private func grade(_ rows: [AnswerRows.Row], with grader: any Grader) async throws {
      let grades = await ManyGrades(of: rows.map(\.sample), by: grader).grades
      for (row, grade) in zip(rows, grades) { show(grade, by: grader, place: row.sample.exampleID) }
      if !json {
        let rewards = grades.compactMap(\.reward)
        let mean = rewards.isEmpty ? "-" : Figures.fixed(rewards.reduce(0, +) / Double(rewards.count), 3)
        Terminal.write("mean \(mean) of \(rewards.count) graded, \(grades.count - rewards.count) failed\n")
      }
    }

    private func show(_ grade: Grade, by grader: any Grader, place: String?) {
      if json {
        Terminal.write(GraderRunReport(grade, by: grader.identity).json.serialised(.spaced) + "\n")
      } else {
        Terminal.write((place.map { Terminal.harmless($0) + "  " } ?? "") + SampleText.grade(grade) + "\n")
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
