internal import Checkpoints
internal import Cluster
internal import Datasets
internal import Foundation
internal import Graders
internal import Plans
internal import Records
internal import Store

/// Everything that is looked at before a job may wait for a worker. None of it needs one.
struct JobPreparation: Sendable {
  let order: JobOrder
  let seed: Int
  let catalogue: ModelCatalogue
  let folder: JobFolder
  let graders: GraderSurroundings

  struct Ready: Sendable {
    var tuning: ResolvedTuning
    /// nil when the model's header does not tell its sizes.
    var forecastBytes: Int?
    /// Sentences about what is not as it might be.
    var warnings: [String]
  }

  /// Why a job cannot be carried out, as clients are told.
  struct Refusal: Error, Sendable, Hashable {
    var code: String
    var param: String?
    var message: String
  }

  func prepare() -> Result<Ready, Refusal> {
    do throws(Refusal) { return .success(try look()) } catch { return .failure(error) }
  }

  private func look() throws(Refusal) -> Ready {
    var warnings: [String] = []
    let (location, figures, entry) = try model()
    let start = try start(on: location)
    try checkGrader(&warnings)
    let meter = PromptMeter(location)
    let limit = figures.map { $0.context - PlanResolver.leastAnswer - 1 }
    var training = try rows(.training, meter, contextLimit: limit, &warnings)
    var heldOut: [Example] = []
    var data = DataPlan(train: .file(folder.trainPath), heldOutShare: 0)
    if order.validationPath != nil {
      heldOut = try rows(.validation, meter, contextLimit: limit, &warnings)
      data.heldOut = folder.heldOutPath
    } else if training.count >= Self.rowsToHoldOut {
      let parts = DatasetSplit(share: Self.heldOutShare, seed: UInt64(seed)).parts(of: training)
      if !parts.heldOut.isEmpty, !parts.train.isEmpty {
        (training, heldOut) = parts
        data.heldOutShare = Self.heldOutShare
      }
    }
    var plan = Plan(
      name: order.suffix ?? order.id, seed: UInt64(seed),
      model: ModelPlan(source: location.path, dtype: entry.dtype, device: entry.device), data: data,
      grader: order.grader)
    plan.model.adapter = order.start?.path
    let ground = TuningGround(
      rows: RowCounts(train: training.count, heldOut: heldOut.count),
      hasValidationFile: order.validationPath != nil, prompts: PromptLengths(of: training, meter: meter),
      model: figures, start: start)
    // Who says how many epochs there are to be gets them; Bedrock's clients expect to be stopped early.
    let stops = order.choices.epochs == nil || order.shape == .bedrock
    let tuning: ResolvedTuning
    do throws(InvalidInput) {
      tuning = try PlanResolver(choices: order.choices, ground: ground).resolve(plan, stopsOnPlateau: stops)
    } catch {
      throw Refusal(
        code: "invalid_hyperparameters", param: "hyperparameters", message: Self.text(error.diagnostics))
    }
    if start != nil {
      // Copies the checkpoint into the job's own run: the other one may be gone by the time that a worker is free.
      do throws(StorageError) { _ = try folder.run(tuning.plan) } catch { throw gone }
    }
    return Ready(
      tuning: tuning, forecastBytes: forecast(tuning.plan, ground), warnings: warnings + tuning.notes)
  }

  /// From so many training rows on some are held out where the client gave none.
  static let rowsToHoldOut = 50
  static let heldOutShare = 0.1

  // MARK: Model and grader

  private func model() throws(Refusal) -> (ModelLocation, ModelFigures?, ModelCatalogue.Entry) {
    guard let entry = catalogue.entry(order.base) else {
      throw Refusal(
        code: "model_not_found", param: "model", message: "the model '\(order.base)' is no longer offered")
    }
    do throws(ModelFileError) {
      let location = try ModelLocation(source: entry.source)
      return (location, try ModelHeader.figures(of: location), entry)
    } catch {
      throw Refusal(
        code: "model_not_found", param: "model",
        message: "the files of the model '\(entry.name)' cannot be read on the server")
    }
  }

  /// The shape of the adapter that the job goes on from.
  private func start(on model: ModelLocation) throws(Refusal) -> LoRAPlan? {
    guard let start = order.start else { return nil }
    do throws(StorageError) {
      let point = try StartingPoint(start.path)
      try point.check(model)
      return point.plan.training.lora
    } catch { throw gone }
  }

  private var gone: Refusal {
    Refusal(
      code: "model_not_found", param: "model",
      message:
        "training cannot go on from '\(order.model)': it is not there any more, or has no adapter of its own")
  }

  private func checkGrader(_ warnings: inout [String]) throws(Refusal) {
    let compilation = GraderCompiler.check(order.grader, path: "grader", surroundings: graders)
    guard compilation.grader != nil else {
      throw Refusal(code: "invalid_grader", param: "grader", message: Self.text(compilation.diagnostics))
    }
    warnings += compilation.diagnostics.map { Self.line($0) }
  }

  // MARK: Rows

  private enum Part: String { case training, validation }

  /// Takes a copy of a file's rows, so that deleting the file does not end the job, and reads it.
  private func rows(
    _ part: Part, _ meter: PromptMeter, contextLimit: Int?, _ warnings: inout [String]
  ) throws(Refusal) -> [Example] {
    let (source, copy, name) =
      switch part {
      case .training: (order.trainingPath, folder.trainPath, order.trainingFile)
      case .validation: (order.validationPath ?? "", folder.heldOutPath, order.validationFile)
      }
    let label = name ?? (source as NSString).lastPathComponent
    func refuse(_ message: String) -> Refusal {
      Refusal(code: "invalid_\(part.rawValue)_file", param: "\(part.rawValue)_file", message: message)
    }
    try? FileManager.default.removeItem(atPath: copy)
    guard FileManager.default.fileExists(atPath: source) else {
      throw refuse("the \(part.rawValue) file \(label) is not there any more")
    }
    do { try FileManager.default.copyItem(atPath: source, toPath: copy) } catch {
      throw refuse("the \(part.rawValue) file \(label) cannot be read")
    }
    let contents: DatasetContents
    do throws(InvalidInput) { contents = try DatasetReader.read(file: copy) } catch {
      throw refuse("\(label): " + Self.text(error.diagnostics))
    }
    warnings += contents.warnings.map { "\(label): " + Self.line($0) }
    var examples = contents.examples
    if let limit = order.choices.maxPromptTokens {
      let long = Set(meter.longer(than: limit, examples))
      if !long.isEmpty {
        examples = examples.indices.filter { !long.contains($0) }.map { examples[$0] }
        guard !examples.isEmpty else {
          throw refuse("\(label): every prompt has more than the \(limit) tokens that a prompt may have")
        }
        do { try examples.jsonl.write(toFile: copy, atomically: true, encoding: .utf8) } catch {
          throw refuse("\(label): the rows could not be kept: \(error.localizedDescription)")
        }
        warnings.append(
          "\(label): \(long.count) of \(contents.examples.count) rows have prompts of more than \(limit) tokens and are left out"
        )
      }
    }
    if let contextLimit, let first = meter.longer(than: contextLimit, examples).first {
      throw refuse(
        "\(label): row \(first + 1) has a prompt that leaves no room for an answer in the model's context; shorten it, or have long prompts left out (max_prompt_tokens of at most \(contextLimit))"
      )
    }
    return examples
  }

  // MARK: Forecast and words

  private func forecast(_ plan: Plan, _ ground: TuningGround) -> Int? {
    guard let model = ground.model else { return nil }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return Forecast(
      plan: plan, model: model, rows: ground.rows, promptTokens: ground.prompts.mean, cores: cores,
      machineBytes: ThisMachine.memoryBytes,
      rates: .guess(
        parameters: model.parameters, cores: cores, isBFloat16: plan.model.dtype == .bfloat16,
        adaptersOnly: plan.training.method == .lora)
    ).totalBytes
  }

  /// Problems without the paths of this machine, the first of them where there are many.
  static func text(_ problems: [Diagnostic]) -> String {
    let errors = problems.filter { $0.severity == .error }
    let shown = errors.prefix(20).map(line).joined(separator: "\n")
    return errors.count > 20 ? shown + "\n\(errors.count - 20) more problems are not listed" : shown
  }

  private static func line(_ problem: Diagnostic) -> String {
    let place = [problem.line > 0 ? "line \(problem.line)" : "", problem.path].filter { !$0.isEmpty }
    return (place + [problem.message]).joined(separator: ": ")
  }
}
