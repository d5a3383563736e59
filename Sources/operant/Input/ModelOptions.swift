import ArgumentParser
import Checkpoints
import Foundation
import Records

extension ComputeType: ExpressibleByArgument {}
extension ExportFormat: ExpressibleByArgument {}
extension GeneratedDataset: ExpressibleByArgument {}

/// Which model a command uses: a base model, or a run's.
struct ModelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A known model, a GGUF file or a Hugging Face folder. (default: \(ModelPlan().source))",
      valueName: "model"))
  var model: String?
  @Option(help: ArgumentHelp("A tuned model: a run's folder or name, or latest.", valueName: "run"))
  var run: String?
  @Option(help: ArgumentHelp("The run's checkpoint. (default: the newest)", valueName: "n"))
  var step: Int?
  @Option(help: "Number format of weights and activations: bfloat16 or float32.")
  var dtype: ComputeType?
  @OptionGroup var runs: RunsOption

  func validate() throws {
    if model != nil, run != nil {
      throw ValidationError("--model and --run were both given; a run says itself which model it tunes")
    }
    if step != nil, run == nil {
      throw ValidationError("--step names a checkpoint of a run; give --run as well")
    }
  }

  func policy() throws(CommandFailure) -> PolicySource {
    guard let run else {
      return PolicySource(
        modelPath: try Self.location(model ?? ModelPlan().source).path, dtype: dtype ?? .bfloat16)
    }
    let folder = try RunLookup.find(run, under: runs.runs)
    return try Self.policy(of: folder, dtype: dtype, step: step)
  }

  /// The system message of a conversation: what was given, else the one that a run was trained with, since its
  /// policy knows no other; an empty text asks for none.
  func system(_ given: String?) throws(CommandFailure) -> String? {
    if let given { return given.isEmpty ? nil : given }
    guard let run else { return nil }
    let folder = try RunLookup.find(run, under: runs.runs)
    do throws(StorageError) { return try folder.plan().data.system } catch {
      throw CommandFailure(error.description)
    }
  }

  static func policy(of folder: RunFolder, dtype: ComputeType?, step: Int?) throws(CommandFailure)
    -> PolicySource
  {
    let plan: Plan
    do throws(StorageError) { plan = try folder.plan() } catch { throw CommandFailure(error.description) }
    return PolicySource(
      modelPath: try location(plan.model.source).path, dtype: dtype ?? plan.model.dtype,
      device: plan.model.device, runFolder: folder.path, step: step)
  }

  static func location(_ source: String) throws(CommandFailure) -> ModelLocation {
    do throws(ModelFileError) { return try ModelLocation(source: source) } catch {
      throw .usage(error.description)
    }
  }
}

/// How text is sampled for a person.
struct SamplingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Most tokens of an answer.", valueName: "n"))
  var maxTokens = 256
  @Option(help: ArgumentHelp("0 takes the likeliest token each time.", valueName: "t"))
  var temperature = 0.7
  @Option(help: ArgumentHelp("Keep the likeliest tokens up to this share of probability.", valueName: "p"))
  var topP = 1.0
  @Option(help: ArgumentHelp("Keep the k likeliest tokens; 0 keeps all.", valueName: "k"))
  var topK = 0
  @Option(help: ArgumentHelp("Drop tokens less likely than this share of the likeliest.", valueName: "p"))
  var minP = 0.0
  @Option(help: ArgumentHelp("End the answer at this text; may be repeated.", valueName: "text"))
  var stop: [String] = []
  @Option(help: ArgumentHelp("Same seed, same answers.", valueName: "n"))
  var seed: UInt64 = 0

  func validate() throws {
    var problems: [String] = []
    if maxTokens < 1 { problems.append("--max-tokens is \(maxTokens); expected at least 1") }
    if !(temperature >= 0 && temperature.isFinite) {
      problems.append("--temperature is \(temperature); expected 0 or more")
    }
    if !(topP > 0 && topP <= 1) { problems.append("--top-p is \(topP); expected above 0 and at most 1") }
    if topK < 0 { problems.append("--top-k is \(topK); expected 0 or more") }
    if !(minP >= 0 && minP < 1) { problems.append("--min-p is \(minP); expected 0 to below 1") }
    if stop.contains("") { problems.append("--stop is empty; expected a text") }
    if !problems.isEmpty { throw ValidationError(problems.joined(separator: "\n")) }
  }

  func request(
    _ policy: PolicySource, conversations: [[Message]] = [], rawPrompts: [String] = [], samples: Int = 1
  ) -> GenerationRequest {
    GenerationRequest(
      policy: policy, conversations: conversations, rawPrompts: rawPrompts, maxTokens: maxTokens,
      temperature: temperature, topP: topP, topK: topK, minP: minP, stop: stop, samples: samples, seed: seed)
  }
}
