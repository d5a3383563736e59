import Records

/// Bedrock's `lambda`: a function that grades batches, called at a Lambda-compatible endpoint or as a handler file on
/// this machine.
///
/// `aggregate_reward_score` is the reward; of `metrics_list`, entries of type `Reward` are sub-rewards, those of type
/// `Metric` metrics.
struct LambdaGrader: Grader {
  let identity: GraderIdentity
  private let batcher: LambdaBatcher
  private let wrapsText: Bool

  /// How `reference_answer` travels where it is text.
  private enum ReferenceForm: String, CaseIterable {
    case plain
    case textObject = "text_object"
  }
  private static let keys = ["batch_size", "batch_wait", "reference_form"]

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(besides: GraderCompiler.commonKeys + ["lambda"], of: "a lambda grader")
    guard let object = reader.object["lambda"]?.object else {
      let found = reader.object["lambda"]?.kind ?? "nothing"
      reader.error("lambda", "expected an object with 'function' or 'file'; found \(found)")
      return nil
    }
    let inside = reader.inside(object, path: reader.path(of: "lambda"))
    inside.rejectKeys(besides: LambdaEndpoint.keys + LambdaHandlerFile.keys + Self.keys, of: "lambda")
    let size = inside.count("batch_size") ?? 64
    if size < 1 || size > 10_000 { inside.error("batch_size", "is \(size); expected 1 to 10000") }
    let wait = inside.number("batch_wait") ?? 0.02
    if wait > 60 { inside.error("batch_wait", "is \(wait.brief) s; expected at most 60") }
    let form: ReferenceForm? = inside.choice("reference_form", default: .plain)
    let transport = LambdaTransport(inside)
    guard let transport, let form, size > 0 else { return nil }
    self.init(
      transport, identity: identity, batchSize: size, wait: .seconds(wait), wrapsText: form == .textObject)
  }

  /// A grader on a given transport.
  init(
    _ transport: LambdaTransport, identity: GraderIdentity, batchSize: Int, wait: Duration, wrapsText: Bool
  ) {
    self.identity = identity
    self.wrapsText = wrapsText
    batcher = LambdaBatcher(transport, size: batchSize, wait: wait)
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    await withTaskGroup(of: (Int, Grade).self) { tasks in
      for (index, sample) in group.enumerated() {
        let item = LambdaItem(sample, wrapsText: wrapsText)
        let name = "\(sample.exampleID.isEmpty ? "sample" : sample.exampleID)-\(index)"
        tasks.addTask { [batcher, identity] in
          let start = ContinuousClock.now
          let grade = await batcher.grade(item, name: name)
          return (index, grade.completed(by: identity, took: start.duration(to: .now)))
        }
      }
      var grades: [(Int, Grade)] = []
      for await grade in tasks { grades.append(grade) }
      return grades.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }
}
