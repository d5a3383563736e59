import ArgumentParser
import Foundation
import Plans
import Records

extension JobCommand {
  /// `operant job create`
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send rows and a grader, and start a job.",
      discussion: """
        Files that lie here are sent first; an id such as file-... is taken as it is. Whatever is not said is chosen by
        the service.

        Examples:
          operant job create --model smollm2-135m-instruct --training-file train.jsonl --grader grader.yaml
          operant job create --model m --training-file file-abc --grader g.json --hyper batch_size=8 --hyper n_epochs=2
        """)

    @Option(help: ArgumentHelp("The model to tune, as the service names it.", valueName: "name"))
    var model: String
    @Option(help: ArgumentHelp("Rows, a JSONL file or the id of one that was sent.", valueName: "file"))
    var trainingFile: String
    @Option(help: ArgumentHelp("Held-out rows.", valueName: "file"))
    var validationFile: String?
    @Option(help: ArgumentHelp("The grader, a YAML or JSON file.", valueName: "file"))
    var grader: String
    @Option(
      name: .customLong("hyper"),
      help: ArgumentHelp("A hyperparameter, such as batch_size=8; may be repeated.", valueName: "name=value"))
    var hyperparameters: [String] = []
    @Option(help: ArgumentHelp("Becomes part of the tuned model's name.", valueName: "text"))
    var suffix: String?
    @Option(help: ArgumentHelp("Same seed, same run.", valueName: "n"))
    var seed: Int?
    @Flag(help: "Follow the job until it ends.")
    var watch = false
    @Flag(help: "Print the job as JSON, and events too.")
    var json = false
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let client = try service.client()
      var reinforcement = JSONObject()
      do throws(InvalidInput) { reinforcement["grader"] = try GraderFile(grader).definition } catch {
        throw CommandFailure(error)
      }
      if !hyperparameters.isEmpty {
        reinforcement["hyperparameters"] = .object(JSONObject(try hyperparameters.map(Self.pair)))
      }
      var body = JSONObject()
      body["model"] = .string(model)
      body["training_file"] = .string(try await fileID(trainingFile, client))
      if let validationFile { body["validation_file"] = .string(try await fileID(validationFile, client)) }
      if let suffix { body["suffix"] = .string(suffix) }
      if let seed { body["seed"] = .integer(seed) }
      body["method"] = .object(
        JSONObject([("type", .string("reinforcement")), ("reinforcement", .object(reinforcement))]))
      let job = try await client.json(.post, "fine_tuning/jobs", body: .object(body))
      Terminal.write((json ? JSONValue.object(job).serialised() : JobText.line(job)) + "\n")
      if watch, let id = job["id"]?.string { try await JobCommand.watch(client, id, json: json) }
    }

    /// The id of a file: its own, or that of the file here once it was sent.
    private func fileID(_ name: String, _ client: ServiceClient) async throws(CommandFailure) -> String {
      guard FileManager.default.fileExists(atPath: name) else {
        if name.hasPrefix("file-") { return name }
        throw .usage("\(name) is neither a file here nor the id of one that was sent")
      }
      let file = try await client.upload(name, purpose: "fine-tune")
      guard let id = file["id"]?.string else {
        throw CommandFailure("the service took \(name) but did not say under which id")
      }
      if !json { Terminal.writeError("sent \(name) as \(id)\n") }
      return id
    }

    private static func pair(_ text: String) throws(CommandFailure) -> (String, JSONValue) {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw .usage("--hyper \(text): expected a name and a value, such as batch_size=8")
      }
      return (parts[0], (try? JSONValue(parsing: parts[1])) ?? .string(parts[1]))
    }
  }
}
