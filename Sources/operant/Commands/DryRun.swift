import Datasets
import Foundation
import Jobs
import Plans
import Records

/// What `train --dry-run` prints.
struct DryRun {
  private let plan: Plan
  private let forecast: Forecast?

  init(_ loaded: LoadedPlan) {
    plan = loaded.plan
    forecast = loaded.model.map { model in
      Forecast(
        plan: loaded.plan, model: model,
        rows: RowCounts(train: loaded.data.train.count, heldOut: loaded.data.heldOut.count),
        promptTokens: loaded.prompts.mean, cores: ProcessInfo.processInfo.activeProcessorCount,
        machineBytes: Int(clamping: ProcessInfo.processInfo.physicalMemory),
        rates: .guess(
          parameters: model.parameters, cores: ProcessInfo.processInfo.activeProcessorCount,
          isBFloat16: loaded.plan.model.dtype == .bfloat16, adaptersOnly: loaded.plan.training.method == .lora
        ))
    }
  }

  func text(json: Bool) throws -> String {
    if json { return try self.json() + "\n" }
    let forecast = forecast?.text ?? "No forecast: the model's header does not tell its sizes."
    // Comments, so that the whole of it is the resolved plan as a file.
    let comment = forecast.split(separator: "\n").map { "# \($0)\n" }.joined()
    return PlanWriter.yaml(plan) + "\n" + comment
  }

  private func json() throws -> String {
    var object = JSONObject()
    let text = try WorkerLine.encode(plan)
    var resolved = try JSONValue(parsing: text).object ?? JSONObject()
    resolved["grader"] = plan.grader
    object["plan"] = .object(resolved)
    object["forecast"] = forecast.map { forecast in
      [
        "memory_bytes": .object(
          JSONObject(forecast.memory.map { ($0.name, JSONValue.integer($0.bytes)) })),
        "total_memory_bytes": .integer(forecast.totalBytes),
        "step_seconds": .number(forecast.stepSeconds),
        "evaluation_seconds": .number(forecast.evaluationSeconds),
        "total_seconds": .number(forecast.totalSeconds),
      ]
    }
    return JSONValue.object(object).serialised()
  }
}
