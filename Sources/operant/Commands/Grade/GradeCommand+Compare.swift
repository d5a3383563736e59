import ArgumentParser
import Graders
import Monitoring
import Records

extension GradeCommand {
  struct Compare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare a grader's rewards with people's labels.",
      discussion: """
        Example:
          operant grade compare --grader grader.json --file labelled.jsonl --label human

        The file has one {"item": {...}, "answer": "...", "human": 0.8} a line; a label is a number or true or false.
        Spearman's rank correlation comes with a 95% interval (bootstrap over rows).
        """)

    @OptionGroup var grader: GraderOptions
    @Option(help: ArgumentHelp("Answers with labels, JSONL.", valueName: "file"))
    var file: String
    @Option(help: "The key that holds the label.")
    var label = "label"
    @Flag(help: "Print the figures as JSON.")
    var json = false

    func run() async throws {
      let (compiled, _) = try grader.compiled()
      let rows = try AnswerRows(file: file).rows
      let labels = try rows.map { row throws(CommandFailure) in
        let value = row.object[label] ?? row.sample.item[label]
        guard let number = value?.double ?? value?.bool.map({ $0 ? 1 : 0 }), number.isFinite else {
          throw .usage(
            "\(file):\(row.line): \(label): expected a number, true or false; found \(value?.kind ?? "nothing")"
          )
        }
        return number
      }
      let grades = await ManyGrades(of: rows.map(\.sample), by: compiled).grades
      let pairs = zip(grades, labels).compactMap { grade, label in grade.reward.map { ($0, label) } }
      let failed = grades.count - pairs.count
      guard pairs.count > 2 else {
        throw CommandFailure("\(pairs.count) of \(grades.count) answers were graded; at least 3 are needed")
      }
      let result = RankCorrelation(rewards: pairs.map(\.0), labels: pairs.map(\.1))
      if json { return Terminal.write(try WorkerLine.encode(result) + "\n") }
      let interval = Figures.interval(result.spearman) { Figures.fixed($0, 3) }
      Terminal.write(
        """
        answers            \(result.pairs) graded, \(failed) failed
        Spearman's rho     \(result.spearman.mean.isFinite ? interval : "-, one side has a single value")
        Kendall's tau-b    \(result.kendall.isFinite ? Figures.fixed(result.kendall, 3) : "-")
        pairs in the order of the labels  \(result.agreement.isFinite ? Figures.percent(result.agreement) : "-")

        """)
    }
  }
}
