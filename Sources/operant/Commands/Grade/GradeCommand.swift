import ArgumentParser

struct GradeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "grade", abstract: "Try graders: on an answer, on canaries, against people's labels.",
    subcommands: [Run.self, Validate.self, Canary.self, Compare.self, Bench.self])
}
