import Gateway
import Hummingbird
import Jobs
import Records
import Store

/// `/fine_tuning/jobs`: made, looked at, paused, resumed, ended.
struct JobRoutes: Sendable {
  let shelf: FileShelf
  let jobs: any JobManaging
  let models: ServedModels
  let graders: GraderAdmission
  let turns: RequestTurns

  private var store: Store { shelf.store }

  func add(to group: RouterGroup<APIContext>) {
    group.post("fine_tuning/jobs", use: create)
    group.get("fine_tuning/jobs", use: list)
    group.get("fine_tuning/jobs/:id") { _, context in
      Response.json(JobWire(job: try await found(context, for: .read).job).json)
    }
    group.get("fine_tuning/jobs/:id/events", use: events)
    group.get("fine_tuning/jobs/:id/checkpoints", use: checkpoints)
    group.get("fine_tuning/jobs/:id/progress", use: progress)
    group.post("fine_tuning/jobs/:id/cancel") { _, context in
      try await change(context, "job.cancel") { id throws(JobFailure) in try await jobs.cancel(id) }
    }
    group.post("fine_tuning/jobs/:id/pause") { _, context in
      try await change(context, "job.pause") { id throws(JobFailure) in try await jobs.pause(id) }
    }
    group.post("fine_tuning/jobs/:id/resume") { _, context in
      try await change(context, "job.resume") { id throws(JobFailure) in try await jobs.resume(id) }
    }
  }

  // MARK: Creation

  @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    let body = try await request.jsonObject(limit: 4 << 20)
    let id = Identifier.new("ftjob-")
    let again = try JobRepeat(request, body, caller.project.id, subject: id)
    return try await turns.inTurn(again.turn) {
      let wasRefused = await turns.takeRefusal(again.turn)
      if let job = try await again.job(in: store, wasRefused: wasRefused) {
        return .json(JobWire(job: job).json)
      }
      return try await create(body, id, again, caller, context)
    }
  }

  private func create(
    _ body: JSONObject, _ id: String, _ again: JobRepeat, _ caller: Caller, _ context: APIContext
  ) async throws -> Response {
    let problems = RequestProblems()
    let wanted = JobRequest(body, problems: problems)
    try await checkModel(wanted.model, for: caller.project, problems)
    let training = try await rows(wanted.trainingFile, "training_file", caller.project, problems)
    let validation = try await rows(wanted.validationFile, "validation_file", caller.project, problems)
    var admitted: GraderAdmission.Admitted?
    if wanted.grader != .null {
      admitted = try await graders.admit(
        wanted.grader, path: JobRequest.graderPath, for: caller.project, problems: problems)
    }
    try problems.check()
    guard let admitted, let training else { throw APIFailure(.invalid, "the job is not described in full") }
    var order = JobOrder(
      id: id, projectID: caller.project.id, shape: .openai,
      request: .object(wanted.body), model: wanted.model, trainingPath: shelf.blobs.path(training.id),
      grader: admitted.definition, choices: wanted.choices)
    order.trainingFile = training.id
    order.validationFile = validation?.id
    order.validationPath = validation.map { shelf.blobs.path($0.id) }
    order.seed = wanted.seed
    order.suffix = wanted.suffix
    order.metadata = wanted.metadata.map(JSONValue.object)
    order.remarks = wanted.remarks + admitted.warnings
    let job = try await again.make(in: store, id: id) { id in
      order.id = id
      // With the job or not at all: a client that is told of a failure here would send the job once more.
      order.audit = caller.audit(context, "job.create", id)
      return try await asking(id) { () throws(JobFailure) in try await jobs.submit(order) }
    }
    return .json(JobWire(job: job).json)
  }

  private func checkModel(_ name: String, for project: Project, _ problems: RequestProblems) async throws {
    guard !name.isEmpty, try await models.find(name, for: project) == nil else { return }
    problems.add(
      "model",
      "'\(name.prefix(300))' is not available for fine-tuning or does not exist; this service tunes "
        + models.baseNames.joined(separator: ", ") + " and the project's own tuned models",
      code: "model_not_available")
  }

  /// A file of rows; nil when there is none to look for, or it was reported.
  private func rows(
    _ id: String?, _ param: String, _ project: Project, _ problems: RequestProblems
  ) async throws -> StoredFile? {
    guard let id, !id.isEmpty else { return nil }
    guard let file = try await shelf.file(id, projectID: project.id) else {
      problems.add(param, "there is no file '\(id.prefix(100))'; upload it first", code: "invalid_\(param)")
      return nil
    }
    guard file.purpose == FilePurpose.fineTune.rawValue else {
      problems.add(
        param, "the file \(id) has the purpose '\(file.purpose)'; expected one with 'fine-tune'",
        code: "invalid_\(param)")
      return nil
    }
    return file
  }

  // MARK: What is there

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .read)
    let query = try RequestQuery(request)
    let filter = try MetadataFilter(query)
    let page = try await query.page(limit: 20, highest: 1000).read { page throws(StoreError) in
      guard let filter else {
        return try await store.jobs(projectID: caller.project.id, shape: .openai, page)
      }
      return try await store.jobs(projectID: caller.project.id, shape: .openai, page, metadata: filter)
    }
    return .json(WireList.json(page.items.map { JobWire(job: $0).json }, hasMore: page.hasMore))
  }

  @Sendable private func events(_ request: Request, _ context: APIContext) async throws -> Response {
    let job = try await found(context, for: .read).job
    let page = try await RequestQuery(request).page(limit: 20, highest: 1000).read {
      page throws(StoreError) in try await store.events(of: job.id, page)
    }
    return .json(WireList.json(page.items.map(\.wire), hasMore: page.hasMore))
  }

  @Sendable private func checkpoints(_ request: Request, _ context: APIContext) async throws -> Response {
    let job = try await found(context, for: .read).job
    let page = try await RequestQuery(request).page(limit: 10, highest: 1000).read {
      page throws(StoreError) in try await store.checkpoints(of: job.id, page)
    }
    return .json(WireList.json(page.items.map(\.wire), hasMore: page.hasMore))
  }

  // MARK: Changes

  /// Cancel, pause and resume come with no body, whatever their content type says; none is read.
  private func change(
    _ context: APIContext, _ action: String, _ body: (String) async throws(JobFailure) -> Job
  ) async throws -> Response {
    let (job, caller) = try await found(context, for: .write)
    let changed = try await asking(job.id) { () throws(JobFailure) in try await body(job.id) }
    try await store.audit(caller, context, action, job.id)
    return .json(JobWire(job: changed).json)
  }

  func found(_ context: APIContext, for scope: KeyScope) async throws -> (job: Job, caller: Caller) {
    let caller = try context.caller(for: scope)
    let id = try context.name("id")
    guard let job = try await store.job(id, projectID: caller.project.id), job.shape == .openai else {
      throw Self.missing(id)
    }
    return (job, caller)
  }

  private func asking(_ id: String, _ body: () async throws(JobFailure) -> Job) async throws -> Job {
    do throws(JobFailure) {
      return try await body()
    } catch {
      switch error.kind {
      case .missing: throw Self.missing(id)
      case .invalid(let param, let code): throw APIFailure(.invalid, error.message, param: param, code: code)
      case .state, .nameTaken: throw APIFailure(.invalid, error.message, param: "fine_tune_id")
      case .quota: throw APIFailure(.quota, error.message)
      case .unusable: throw APIFailure(.unexpected, error.message)
      }
    }
  }

  private static func missing(_ id: String) -> APIFailure {
    APIFailure(
      .missing, "Could not find fine tune: \(id.prefix(200))", param: "fine_tune_id",
      code: "fine_tune_not_found")
  }
}

extension MetadataFilter {
  /// Of `metadata[key]=value`, any number of them, or the literal `metadata=null`; nil when there is neither.
  init?(_ query: RequestQuery) throws {
    var pairs: [String: String] = [:]
    for (name, value) in query.pairs where name.hasPrefix("metadata") {
      if name == "metadata" {
        guard value == "null" else {
          throw APIFailure(
            .invalid,
            "metadata is '\(value.prefix(40))'; expected metadata[key]=value, or null for jobs without any",
            param: "metadata")
        }
        self = .none
        return
      }
      guard name.hasPrefix("metadata["), name.hasSuffix("]") else { continue }
      pairs[String(name.dropFirst("metadata[".count).dropLast())] = value
    }
    guard !pairs.isEmpty else { return nil }
    self = .pairs(pairs)
  }
}
