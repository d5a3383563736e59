package import Records

/// The Examples of a run: read or generated, given their system message, and parted.
package struct RunData: Sendable, Hashable {
  package let train: [Example]
  package let heldOut: [Example]
  package let warnings: [Diagnostic]

  /// Loads what a plan's `data` section asks for.
  ///
  /// - Parameters:
  ///   - seed: of the split; the plan's.
  ///   - promptsPerStep: how many training rows a step takes, which there must be.
  /// - Throws: `InvalidInput` with every problem of both files, the split and the batch size.
  package init(_ plan: DataPlan, seed: UInt64, promptsPerStep: Int) throws(InvalidInput) {
    let source = Self.examine(plan.train)
    let rows = source.examples
    var diagnostics = source.diagnostics
    var heldOut: [Example] = []
    var train = rows
    if let file = plan.heldOut {
      let outcome = DatasetReader.examine(file: file)
      heldOut = outcome.examples
      diagnostics += outcome.diagnostics
      diagnostics += Self.overlap(train: rows, heldOut: heldOut, file: file)
    } else if plan.heldOutShare > 0 {
      (train, heldOut) = DatasetSplit(share: plan.heldOutShare, seed: seed).parts(of: rows)
    }
    // A file with bad rows is reported for those; what is left of it says nothing about sizes.
    if !diagnostics.contains(where: { $0.severity == .error }) {
      diagnostics += Self.sizes(train: train, heldOut: heldOut, of: rows.count, plan, promptsPerStep)
    }
    guard !diagnostics.contains(where: { $0.severity == .error }) else { throw InvalidInput(diagnostics) }
    self.train = train.map { $0.withSystemMessage(plan.system) }
    self.heldOut = heldOut.map { $0.withSystemMessage(plan.system) }
    warnings = diagnostics
  }

  private static func examine(_ source: DataSource) -> (examples: [Example], diagnostics: [Diagnostic]) {
    switch source {
    case .file(let file): return DatasetReader.examine(file: file)
    case .generated(let dataset, let rows, let seed):
      do throws(InvalidInput) {
        return (try dataset.examples(rows: rows, seed: seed), [])
      } catch {
        return ([], error.diagnostics)
      }
    }
  }

  private static func overlap(train: [Example], heldOut: [Example], file: String) -> [Diagnostic] {
    let trained = Set(train.map { $0.promptHash() })
    let shared = heldOut.count { trained.contains($0.promptHash()) }
    guard shared > 0 else { return [] }
    let verb = shared == 1 ? "row has a prompt that is" : "rows have prompts that are"
    let message =
      "\(shared) held-out \(verb) also trained on; the measured gain will look better than it is: remove them from one of the files"
    return [Diagnostic(.warning, file: file, message: message)]
  }

  private static func sizes(
    train: [Example], heldOut: [Example], of rows: Int, _ plan: DataPlan, _ promptsPerStep: Int
  ) -> [Diagnostic] {
    let file = if case .file(let file) = plan.train { file } else { "" }
    var problems: [Diagnostic] = []
    if let problem = DatasetOrder.problem(rows: train.count, size: promptsPerStep, file: file) {
      problems.append(problem)
    }
    if plan.heldOut == nil, plan.heldOutShare > 0, heldOut.isEmpty {
      let message =
        "a held-out share of \(plan.heldOutShare) of \(rows) rows leaves no row held out; raise it, add rows, or name a file as held_out"
      problems.append(Diagnostic(.error, file: file, path: "data.held_out_share", message: message))
    }
    return problems
  }
}

extension Example {
  /// The Example with a system message in front, unless it has one (or a developer's, which is the same).
  func withSystemMessage(_ text: String?) -> Example {
    guard let text, !messages.contains(where: { $0.role == .system || $0.role == .developer }) else {
      return self
    }
    var example = self
    example.messages.insert(Message(.system, text), at: 0)
    return example
  }
}
