internal import Foundation
internal import Gateway
internal import Hummingbird
internal import Jobs
internal import Records
internal import Store

extension Bedrock {
  static let jobs = "/model-customization-jobs"

  func addJobRoutes(to router: Router<APIContext>) {
    on(router, .post, Self.jobs, .write, createJob)
    on(router, .get, Self.jobs, .read, listJobs)
    on(router, .get, Self.jobs, name: "jobIdentifier", segments: 1...3, .read) { call in
      .json(try await jobView(try await job(call)))
    }
    on(router, .post, Self.jobs, name: "jobIdentifier", segments: 1...3, end: "/stop", .write, stopJob)
  }

  @Sendable private func createJob(_ call: Call) async throws -> Response {
    let reader = try await call.body()
    let request = CustomizationRequest(reader, settings.limits)
    var token: RequestToken?
    if let text = request.token {
      token = RequestToken(
        projectID: call.project.id, operation: "CreateModelCustomizationJob", token: text,
        fingerprint: Digest.hex(
          Digest.sha256(Array(JSONValue.object(request.body).canonical.serialised().utf8))),
        subject: "")
      // The same request is answered again even where its data has moved on since.
      if reader.problems.isEmpty, let token, let known = try await store.known(token),
        let model = try await store.customModel(id: known.subject, projectID: call.project.id),
        try await store.job(model.jobID, projectID: call.project.id) != nil
      {
        return Self.created(model)
      }
    }
    let base = try await base(request.base, call, reader.problems)
    var grader: JSONValue?
    if !request.lambda.isEmpty {
      switch graders.definition(of: request.lambda) {
      case .success(let definition): grader = definition
      case .failure(let missing):
        reader.problems.add(
          request.lambda, at: "customizationConfig.rftConfig.graderConfig.lambdaGrader.lambdaArn",
          missing.message)
      }
    }
    let id = Identifier.lower()
    let folder = outputs.data(of: id)
    do {
      let data = try await trainingData(request, call, reader.problems, in: folder)
      try reader.problems.check()
      for tags in [request.jobTags, request.modelTags] { try Self.check(tags, settings.limits) }
      guard let base, let grader, let data, let output = request.output else {
        throw APIFailure(.unexpected, "the request was not read whole")
      }
      try await objects.claim(output, call.project)
      return try await accept(request, id, token, base, grader, data, call)
    } catch {
      // Copies are kept for a job, until its end; a request that was refused has none. Where the store does not say
      // whether there is a job, the next sweep sees to them.
      let hasJob = try? await store.job("mcj-\(id)", projectID: call.project.id) != nil
      if hasJob == false { try? FileManager.default.removeItem(atPath: folder) }
      throw error
    }
  }

  private func accept(
    _ request: CustomizationRequest, _ id: String, _ token: RequestToken?, _ base: BaseModel,
    _ grader: JSONValue, _ data: TrainingData, _ call: Call
  ) async throws -> Response {
    var token = token
    let model = CustomModel(
      id: id, projectID: call.project.id, arn: call.scope.customModel(id, base: base.id),
      name: request.modelName, jobID: "mcj-\(id)", jobARN: call.scope.job(id, base: base.id),
      baseModelARN: base.arn, foundationModelARN: base.foundationARN)
    token?.subject = id
    switch try await store.reserve(model, token: token) {
    case .made: return try await submit(request, model, base, grader, data, call)
    case .repeated(let subject):
      guard let known = try await store.customModel(id: subject, projectID: call.project.id) else {
        throw APIFailure(.conflict, "what this clientRequestToken has made is gone; take another token")
      }
      if try await store.job(known.jobID, projectID: call.project.id) != nil {
        await JobOutputs.remove(outputs.data(of: id))
        return Self.created(known)
      }
      // The request died between its two steps, or another one like it is between them now.
      let data = try await outputs.move(data, from: id, to: known.id)
      return try await submit(request, known, base, grader, data, call)
    }
  }

  private func submit(
    _ request: CustomizationRequest, _ model: CustomModel, _ base: BaseModel, _ grader: JSONValue,
    _ data: TrainingData, _ call: Call
  ) async throws -> Response {
    var order = JobOrder(
      id: model.jobID, projectID: call.project.id, shape: .bedrock, request: .object(request.body),
      model: base.policy, trainingPath: data.training, grader: grader, choices: request.choices)
    order.name = request.jobName
    order.validationPath = data.validation
    order.seed = request.seed
    order.modelName = model.arn
    order.audit = call.auditEntry("job.create", model.jobARN)
    order.remarks = data.note.map { [$0] } ?? []
    do {
      _ = try await jobs.submit(order)
    } catch {
      // Another request with the same token may have come first.
      if try await store.job(model.jobID, projectID: call.project.id) == nil {
        try await store.release(model)
        throw error.kind == .nameTaken
          ? APIFailure(
            .conflict, "there is a customization job named '\(request.jobName)'; take another name") : error
      }
    }
    _ = try await store.set(
      request.jobTags.map { $0.row(model.jobARN, call.project.id) }, of: model.jobARN,
      projectID: call.project.id, limit: settings.limits.tagsPerResource)
    _ = try await store.set(
      request.modelTags.map { $0.row(model.arn, call.project.id) }, of: model.arn,
      projectID: call.project.id, limit: settings.limits.tagsPerResource)
    return Self.created(model)
  }

  private static func created(_ model: CustomModel) -> Response {
    .json(["jobArn": .string(model.jobARN)], status: .created)
  }

  // MARK: Looking

  /// The job that the path names, by name or ARN.
  private func job(_ call: Call) async throws -> Job {
    if let arn = ARN(call.identifier) {
      let id = arn.resource.split(separator: "/").last.map(String.init) ?? ""
      if let model = try await store.customModel(id: id, projectID: call.project.id),
        model.jobARN == call.identifier,
        let job = try await store.job(model.jobID, projectID: call.project.id)
      {
        return job
      }
    } else if let job = try await store.job(
      named: call.identifier, shape: .bedrock, projectID: call.project.id)
    {
      return job
    }
    throw APIFailure(.missing, "there is no customization job '\(call.identifier)'")
  }

  private func jobView(_ job: Job) async throws -> JSONValue {
    guard let model = try await store.customModel(jobID: job.id) else {
      throw APIFailure(.missing, "there is no customization job '\(job.name ?? job.id)'")
    }
    let token = try await store.requestToken(subject: model.id, projectID: job.projectID)
    let last = try await store.events(of: job.id, PageRequest(limit: 1)).items.first
    let figures = try await JobFigures.last(of: job, store)
    return JobView(job: job, model: model, token: token, lastEvent: last, figures: figures).details
  }

  @Sendable private func listJobs(_ call: Call) async throws -> Response {
    let query = call.query
    query.rejectOthers(
      than: ["creationTimeAfter", "creationTimeBefore", "statusEquals", "nameContains"] + WireQuery.pageKeys)
    let filter = query.filter(name: .jobName)
    let status = query.choice("statusEquals", BedrockJobStatus.self)
    let page = query.page(of: "jobs")
    try query.problems.check()
    let found = try await store.bedrockJobs(
      projectID: call.project.id, filter: filter, status: status, page)
    let models = try await store.customModels(jobIDs: found.items.map(\.id))
    let summaries = found.items.compactMap { job in
      models[job.id].map { JobView(job: job, model: $0).summary }
    }
    return Self.list("modelCustomizationJobSummaries", summaries, found, "jobs") { $0.id }
  }

  static func list<Item>(
    _ key: String, _ items: [JSONValue], _ page: Page<Item>, _ list: String, id: (Item) -> String
  ) -> Response {
    var answer = JSONObject([(key, .array(items))])
    if page.hasMore, let last = page.items.last {
      answer["nextToken"] = .string(WireQuery.token(after: id(last), list))
    }
    return .json(.object(answer))
  }

  // MARK: Stopping

  @Sendable private func stopJob(_ call: Call) async throws -> Response {
    let job = try await job(call)
    guard !job.status.isFinal else {
      throw APIFailure(
        .conflict, "the job '\(job.name ?? "")' is \(BedrockJobStatus(job).rawValue) and cannot be stopped")
    }
    if job.wish != .cancel { _ = try await jobs.cancel(job.id) }
    try await call.audit(store, "job.stop", job.id)
    return .json([:])
  }
}
