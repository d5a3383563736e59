import ArgumentParser
import Datasets
import Foundation
import Monitoring
import Plans
import Records

extension GradeCommand {
  struct Canary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Give a grader answers that deserve nothing, and see what it pays.",
      discussion: """
        Examples:
          operant grade canary --grader grader.json --data rows.jsonl
          operant grade canary --grader grader.json --data rows.jsonl --prompts 32 --limit 0.3

        A run does the same before its first step (Docs/defence.md). The exit code is 1 when a canary is paid --limit
        of full marks or more.
        """)

    @OptionGroup var grader: GraderOptions
    @Option(help: ArgumentHelp("The rows, JSONL as for training.", valueName: "file"))
    var data: String
    @Option(help: "Rows that each canary answers.")
    var prompts = 8
    @Option(help: "The mean reward that is too much, as a share of full marks.")
    var limit = 0.5
    @Option(help: "The reward that is full marks.")
    var fullMarks = 1.0
    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
      if prompts < 1 { throw ValidationError("--prompts is \(prompts); expected at least 1") }
    }

    func run() async throws {
      let definition = try grader.file().definition
      let (compiled, _) = try grader.compiled()
      let rows: [Example]
      do throws(InvalidInput) { rows = try DatasetReader.read(file: data).examples } catch {
        throw CommandFailure(error)
      }
      let report = await CanaryTrial(compiled, definition: definition)
        .run(Array(rows.prefix(prompts)), others: rows.suffix(64).reversed())
      if json {
        Terminal.write(try WorkerLine.encode(report) + "\n")
      } else {
        for line in DefenceText.table(report, limit: limit * fullMarks) { Terminal.write(line + "\n") }
      }
      let paid = report.paid(limit, fullMarks: fullMarks)
      guard let worst = paid.max(by: { $0.reward < $1.reward }) else { return }
      throw CommandFailure(
        """
        the grader pays \(Figures.fixed(worst.reward, 2)) for \(worst.canary.title): \
        \(Terminal.harmless(String(worst.answer.prefix(120))))
        Tighten it, or combine it with a part that such an answer does not pass.
        """)
    }
  }
}
