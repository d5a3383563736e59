import ArgumentParser
import Foundation
import Plans

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Describe and check plans.",
    subcommands: [Reference.self, Check.self])

  struct Reference: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the reference page of every field of a plan.",
      discussion: """
        Examples:
          operant plan reference | less
          operant plan reference --write Docs/plan-reference.md
        """)

    @Option(help: ArgumentHelp("Write the page to this file instead.", valueName: "file"))
    var write: String?

    func run() async throws {
      guard let write else { return Terminal.write(PlanReference.markdown) }
      try OutputText.write(PlanReference.markdown, to: write)
    }
  }

  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Report every problem of a plan, its data and its grader.",
      discussion: """
        Examples:
          operant plan check plan.yaml
          operant plan check plan.yaml --set training.steps=100
        """)

    @Argument(help: "The plan, a YAML file.")
    var plan: String
    @Option(name: .customLong("set"), help: ArgumentHelp("Set one field over the file.", valueName: "a.b=c"))
    var overrides: [String] = []

    func run() async throws {
      _ = try PlanLoader.load(plan, overrides: overrides)
      Terminal.write("\(plan): no problems\n")
    }
  }
}
