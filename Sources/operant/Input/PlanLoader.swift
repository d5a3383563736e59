import Checkpoints
import Datasets
import Foundation
import Jobs
import Plans
import Records

/// A plan with what it refers to: checked together, so that one attempt shows everything that is wrong.
struct LoadedPlan {
  let plan: Plan
  let data: RunData
  let prompts: PromptLengths
  /// nil when the model's header does not tell its sizes.
  let model: ModelFigures?
  let modelLocation: ModelLocation
}

enum PlanLoader {
  /// Reads a plan, its data and its model's header; warnings go to standard error.
  static func load(_ file: String, overrides: [String]) throws(CommandFailure) -> LoadedPlan {
    var reading = PlanReader.read(file: file, overrides: overrides)
    var problems: [Diagnostic] = []
    let model = model(reading, &problems)
    let start = start(reading, model?.location, &problems)
    let data = data(reading, &problems)
    let prompts = data.map { PromptLengths(of: $0.train + $0.heldOut, model: model?.location) }
    reading = reading.checked(
      rows: data.map { RowCounts(train: $0.train.count, heldOut: $0.heldOut.count) }, model: model?.figures,
      longestPrompt: prompts?.longest, start: start)
    let all = reading.diagnostics + problems + (data?.warnings ?? [])
    guard let model, let data, let prompts, !all.contains(where: { $0.severity == .error }) else {
      throw CommandFailure(InvalidInput(all))
    }
    for warning in all { Terminal.writeError(warning.description + "\n") }
    return LoadedPlan(
      plan: reading.plan, data: data, prompts: prompts, model: model.figures, modelLocation: model.location)
  }

  private static func model(
    _ reading: PlanReading, _ problems: inout [Diagnostic]
  ) -> (location: ModelLocation, figures: ModelFigures?)? {
    do throws(ModelFileError) {
      let location = try ModelLocation(source: reading.plan.model.source)
      return (location, try ModelHeader.figures(of: location))
    } catch {
      // A path that was refused in the plan itself needs no second sentence.
      let isRefused = reading.diagnostics.contains { $0.severity == .error && $0.path == "model.source" }
      if !isRefused { problems.append(reading.problem("model.source", error.description)) }
      return nil
    }
  }

  /// The shape of the adapter that the plan goes on from.
  private static func start(_ reading: PlanReading, _ model: ModelLocation?, _ problems: inout [Diagnostic])
    -> LoRAPlan?
  {
    guard let path = reading.plan.model.adapter else { return nil }
    do throws(StorageError) {
      let point = try StartingPoint(path)
      if let model { try point.check(model) }
      return point.plan.training.lora
    } catch {
      problems.append(reading.problem("model.adapter", error.description))
      return nil
    }
  }

  private static func data(_ reading: PlanReading, _ problems: inout [Diagnostic]) -> RunData? {
    guard reading.namesData else { return nil }
    do throws(InvalidInput) {
      // Too few rows for a step is told at the plan's own line, so the data are asked for one only.
      return try RunData(reading.plan.data, seed: reading.plan.seed, promptsPerStep: 1)
    } catch {
      problems += error.diagnostics.map { problem in
        guard problem.file.isEmpty || problem.path.hasPrefix("data.") else { return problem }
        let path = problem.path.contains("generate") ? "data.generate.rows" : problem.path
        return reading.problem(
          path.hasPrefix("data.") ? path : "data", problem.message, severity: problem.severity)
      }
      return nil
    }
  }
}
