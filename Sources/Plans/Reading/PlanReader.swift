import Foundation
import Records
import Yams

/// Reads plans: YAML and `--set` options to a resolved plan, with all problems at once.
package struct PlanReader {
  /// The name that diagnostics give the file.
  let file: String
  /// What relative paths of the plan begin at.
  let folder: String
  /// What relative paths of `--set` begin at.
  let callerFolder: String

  package init(
    file: String, folder: String, callerFolder: String = FileManager.default.currentDirectoryPath
  ) {
    self.file = file
    self.folder = folder
    self.callerFolder = callerFolder
  }

  /// Reads a file; one that cannot be read is a diagnostic like any other.
  package static func read(file: String, overrides: [String] = []) -> PlanReading {
    let url = URL(filePath: file)
    let reader = PlanReader(file: file, folder: url.deletingLastPathComponent().standardizedFileURL.path)
    guard let bytes = FileManager.default.contents(atPath: file) else {
      return reader.refusal("the plan cannot be read; check that the file is there and may be read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return reader.refusal("the plan is not UTF-8 text; save it as UTF-8")
    }
    return reader.read(text, overrides: overrides)
  }

  /// Reads a text, then the overrides, each `path=value`; a later one wins, `null` takes a value out.
  package func read(_ text: String, overrides: [String] = []) -> PlanReading {
    let document = YAMLDocument(text, file: file)
    var given = PlanEntries(file: file)
    if let root = document.root { given.add(root, at: "", line: root.mark?.line ?? 1) }
    var diagnostics = document.diagnostics + given.diagnostics
    var entries = given.entries
    var origins = given.origins
    var graderParts: [PlanOverride] = []
    for option in overrides {
      let override: PlanOverride
      do throws(InvalidInput) { override = try PlanOverride(option) } catch {
        diagnostics += error.diagnostics
        continue
      }
      if override.path.hasPrefix("grader.") {
        graderParts.append(override)
      } else {
        diagnostics += override.apply(to: &entries, origins: &origins)
      }
    }
    return build(entries, origins, graderParts, diagnostics, isReadable: document.root != nil)
  }

  private func build(
    _ entries: [PlanEntry], _ origins: [String: PlanOrigin], _ graderParts: [PlanOverride],
    _ found: [Diagnostic], isReadable: Bool
  ) -> PlanReading {
    var diagnostics = found
    var values: [(PlanField, JSONValue)] = []
    var origins = origins
    for entry in entries {
      do throws(PlanEntry.Mismatch) {
        let value = try entry.value(planFolder: folder, callerFolder: callerFolder)
        values.append((entry.field, value))
      } catch {
        diagnostics.append(
          Diagnostic(
            .error, file: entry.origin.file, line: entry.origin.line, path: entry.field.path,
            message: error.message))
      }
      if entry.field.path == "grader" { addLines(entry, to: &origins) }
    }
    var plan = Self.plan(values, name: defaultName, plateauIsGiven: origins["evaluation.plateau"] != nil)
    for part in graderParts { diagnostics += part.apply(toGrader: &plan.grader) }
    var reading = PlanReading(plan: plan, diagnostics: diagnostics, file: file, origins: origins)
    if isReadable || found.isEmpty { reading.diagnostics += Contradictions.find(in: reading) }
    if reading.isGiven("grader"), !reading.isRefused("grader") {
      reading.diagnostics += reading.graderProblems()
    }
    reading.diagnostics = Self.inOrder(reading.diagnostics, file: file)
    return reading
  }

  /// Defaults, then what the algorithm and the method change of them, then what was given.
  private static func plan(_ values: [(PlanField, JSONValue)], name: String, plateauIsGiven: Bool) -> Plan {
    var choices = Plan(name: name, data: DataPlan(train: .file("")), grader: .null)
    for (field, value) in values { field.set(&choices, value) }
    var plan = Plan(
      name: name, data: DataPlan(train: .file("")), grader: .null,
      algorithm: .defaults(for: choices.algorithm.name),
      training: .defaults(for: choices.training.method))
    if choices.evaluation.every == 0, !plateauIsGiven { plan.evaluation.plateau = nil }
    for (field, value) in values { field.set(&plan, value) }
    return plan
  }

  private var defaultName: String {
    let url = URL(filePath: file)
    let stem = url.deletingPathExtension().lastPathComponent
    if stem != "plan" { return stem.isEmpty ? "run" : stem }
    let parent = URL(filePath: folder).standardizedFileURL.lastPathComponent
    return parent.isEmpty || parent == "/" ? "run" : parent
  }

  /// Lines of the parts of a grader's definition, in the plan or in a file of its own, so that its problems
  /// point there.
  private func addLines(_ entry: PlanEntry, to origins: inout [String: PlanOrigin]) {
    var file = entry.origin.file
    var lines = entry.node.linesOfParts()
    if lines.isEmpty, let grader = try? entry.graderFile(planFolder: folder, callerFolder: callerFolder) {
      (file, lines) = (grader.path, grader.lines)
      origins["grader"] = PlanOrigin(file: file, line: 1)
    }
    for (place, line) in lines {
      let separator = place.hasPrefix("[") ? "" : "."
      origins["grader" + separator + place] = PlanOrigin(
        file: file, line: entry.isOverride && file == entry.origin.file ? 0 : line)
    }
  }

  private func refusal(_ message: String) -> PlanReading {
    PlanReading(
      plan: Self.plan([], name: defaultName, plateauIsGiven: false),
      diagnostics: [Diagnostic(.error, file: file, message: message)], file: file, origins: [:])
  }

  /// Problems of the plan by line, then those of options in the order given; equal ones once.
  private static func inOrder(_ diagnostics: [Diagnostic], file: String) -> [Diagnostic] {
    var seen: Set<Diagnostic> = []
    let unique = diagnostics.filter { seen.insert($0).inserted }
    let ofPlan = unique.enumerated().filter { $0.element.file == file }
      .sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map(\.element)
    return ofPlan + unique.filter { $0.file != file }
  }
}
