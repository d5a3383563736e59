import ArgumentParser
import Foundation
import Plans
import Records

/// `operant job`: jobs on a service.
struct JobCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job", abstract: "Jobs on a service, by its address and a key.",
    discussion: """
      The service is `operant serve`, or anything else that speaks OpenAI's fine-tuning API.

      Examples:
        export OPERANT_API_KEY=sk-...
        operant job create --model smollm2-135m-instruct --training-file rows.jsonl --grader grader.yaml --watch
        operant job list
        operant job watch ftjob-...
      """,
    subcommands: [
      Create.self, List.self, Show.self, Watch.self, Events.self, Checkpoints.self, Cancel.self, Pause.self,
      Resume.self,
    ])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List jobs, newest first.")
    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 20
    @Flag(help: "Print a JSON object a job.")
    var json = false
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      for job in try await service.client().list("fine_tuning/jobs", limit: limit) {
        Terminal.write((json ? JSONValue.object(job).serialised() : JobText.line(job)) + "\n")
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a job as the service has it.")
    @Argument(help: "The job's id.")
    var id: String
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let job = try await service.client().json(.get, "fine_tuning/jobs/\(id)")
      Terminal.write(JSONValue.object(job).serialised(.indented(2)) + "\n")
    }
  }

  struct Watch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Follow a job until it ends, as operant train shows a run. Ctrl-C leaves it alone.")
    @Argument(help: "The job's id.")
    var id: String
    @Flag(help: "Print events as JSON, one a line.")
    var json = false
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      try await JobCommand.watch(try service.client(), id, json: json)
    }
  }

  struct Events: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print a job's events, oldest first.")
    @Argument(help: "The job's id.")
    var id: String
    @Option(help: ArgumentHelp("At most so many, the newest.", valueName: "n"))
    var limit = 200
    @Flag(help: "Print a JSON object an event.")
    var json = false
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let events = try await service.client().list("fine_tuning/jobs/\(id)/events", limit: limit)
      for event in events.reversed() {
        Terminal.write((json ? JSONValue.object(event).serialised() : JobText.event(event)) + "\n")
      }
    }
  }

  struct Checkpoints: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List a job's checkpoints, newest first.")
    @Argument(help: "The job's id.")
    var id: String
    @Flag(help: "Print a JSON object a checkpoint.")
    var json = false
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let path = "fine_tuning/jobs/\(id)/checkpoints"
      for checkpoint in try await service.client().list(path, limit: 1000) {
        Terminal.write(
          (json ? JSONValue.object(checkpoint).serialised() : JobText.checkpoint(checkpoint)) + "\n")
      }
    }
  }

  struct Cancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End a job; what it has made stays.")
    @OptionGroup var target: JobTarget
    func run() async throws { try await target.ask("cancel") }
  }

  struct Pause: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a job write a checkpoint and rest until it is resumed.")
    @OptionGroup var target: JobTarget
    func run() async throws { try await target.ask("pause") }
  }

  struct Resume: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a paused job go on.")
    @OptionGroup var target: JobTarget
    func run() async throws { try await target.ask("resume") }
  }

  /// Follows a job; one that failed is a failure of the command.
  static func watch(_ client: ServiceClient, _ id: String, json: Bool) async throws(CommandFailure) {
    let job = try await JobWatch(client: client, id: id, json: json).follow()
    if !json { Terminal.writeError(JobText.line(job) + "\n") }
    if job["status"]?.string == "failed" {
      throw CommandFailure(job["error"]?.object?["message"]?.string ?? "the job failed")
    }
  }
}

/// A job that something is to happen to.
struct JobTarget: ParsableArguments {
  @Argument(help: "The job's id.")
  var id: String
  @OptionGroup var service: ServiceOptions

  func ask(_ verb: String) async throws {
    let job = try await service.client().json(.post, "fine_tuning/jobs/\(id)/\(verb)")
    Terminal.write(JobText.line(job) + "\n")
  }
}
