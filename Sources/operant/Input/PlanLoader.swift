import Checkpoints
import Datasets
import Foundation
import Plans
import Records

/// A plan with what it refers to: checked together, so that one attempt shows everything that is wrong.
struct LoadedPlan {
  let plan: Plan
  let data: RunData
  let model: ModelFigures?
  let modelLocation: ModelLocation
  /// Mean length of a prompt, reckoned at four bytes a token.
  var promptTokens: Int {
    let bytes = data.train.prefix(200).map { $0.messages.reduce(0) { $0 + $1.text.utf8.count } }
    // A template puts some tokens around every message.
    return bytes.isEmpty ? 0 : bytes.reduce(0, +) / bytes.count / 4 + 16
  }
}

enum PlanLoader {
  /// Reads a plan, its data and its model's header; warnings go to standard error.
  static func load(_ file: String, overrides: [String]) throws(CommandFailure) -> LoadedPlan {
    var reading = PlanReader.read(file: file, overrides: overrides)
    var problems: [Diagnostic] = []
    let plan = reading.plan
    var location: ModelLocation?
    do throws(ModelFileError) { location = try ModelLocation(source: plan.model.source) } catch {
      problems.append(reading.problem("model.source", error.message))
    }
    var figures: ModelFigures?
    if let location {
      do throws(ModelFileError) { figures = try ModelHeader.figures(of: location) } catch {
        problems.append(reading.problem("model.source", error.description))
      }
    }
    var data: RunData?
    if reading.namesData {
      do throws(InvalidInput) {
        // The plan's own line is told for too few rows, so the data are only asked for one.
        data = try RunData(plan.data, seed: plan.seed, promptsPerStep: 1)
      } catch {
        problems += error.diagnostics.map { problem in
          problem.file.isEmpty
            ? reading.problem("data", problem.message, severity: problem.severity) : problem
        }
      }
    }
    let counts = data.map { RowCounts(train: $0.train.count, heldOut: $0.heldOut.count) }
    reading = reading.checked(rows: counts, model: figures)
    let all = reading.diagnostics + problems + (data?.warnings ?? [])
    guard let location, let data, !all.contains(where: { $0.severity == .error }) else {
      throw CommandFailure(InvalidInput(all))
    }
    for warning in all { Terminal.writeError(warning.description + "\n") }
    return LoadedPlan(plan: plan, data: data, model: figures, modelLocation: location)
  }
}
