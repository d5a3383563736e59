internal import BedrockShape
internal import Cluster
internal import Foundation
internal import Gateway
internal import Graders
internal import Inference
internal import Jobs
internal import OpenAIShape
internal import Records
internal import Store

/// The service's parts as they are on one machine: workers are its processes, bytes its files.
enum LocalParts {
  static func make(_ ground: ServiceGround) throws -> ServiceParts {
    let settings = ground.settings
    let catalogue = catalogue(settings)
    let figures = InferenceFigures(metrics: ground.metrics, cacheBytes: settings.serving.cache)
    let judge = JudgeAccess(ground)
    let pool = InferencePool(
      catalogue: catalogue, settings: InferenceSettings(settings),
      launcher: ProcessLauncher(executable: try workerPath(settings)(), environment: [:]), observer: figures,
      logger: ground.logger)
    let desk = JobDesk(
      JobSurroundings(
        store: ground.store, blobs: ground.blobs, catalogue: catalogue,
        launcher: JudgingLauncher(executable: try workerPath(settings)(), judge: judge),
        settings: JobSettings(settings, folder: ground.folder.jobs), logger: ground.logger,
        graders: { GraderSurroundings(environment: judge.environment(for: $0)) }))
    let graders = GraderHosting(
      lambdas: try LambdaDefinitions.read(settings.graders), admitsLocal: settings.graders.local,
      servesJudges: judge.isOurs
    ) { GraderSurroundings(environment: judge.environment(for: $0.id)) }
    var openAI = OpenAIJobs.Settings()
    openAI.maxFileBytes = settings.limits.fileBytes
    openAI.maxUploadBytes = settings.limits.uploadBytes
    let reach = WebhookReach(settings.webhookReach)
    openAI.webhookReach = reach
    let jobs = OpenAIJobs(
      store: ground.store, blobs: ground.blobs, jobs: desk, answering: pool, catalogue: catalogue,
      graders: graders, settings: openAI)
    let inference = OpenAIInference(
      store: ground.store, answering: pool, catalogue: catalogue, rows: settings.serving.rows)
    var webhooks = WebhookCourier.Settings()
    webhooks.reach = reach
    let courier = WebhookCourier(store: ground.store, settings: webhooks, logger: ground.logger)
    let bedrock: Bedrock
    do throws(ObjectFailure) {
      bedrock = try Bedrock(
        store: ground.store, jobs: desk, answering: pool, catalogue: catalogue,
        settings: BedrockSettings(settings, folder: ground.folder))
    } catch { throw ServiceFailure("objects.endpoint cannot be used: \(error)") }
    jobs.prepare()
    let logger = ground.logger
    return ServiceParts(
      loops: [
        .init("models") { await pool.run() }, .init("jobs") { try await desk.run() },
        .init("files") { await jobs.keepHouse(logger: logger) }, .init("webhooks") { await courier.run() },
        .init("bedrock") { await bedrock.run(logger: logger) },
      ],
      addRoutes: { router in
        for prefix in ["/v1", "/openai/v1", "/openai"] {
          jobs.addRoutes(to: router, prefix: prefix)
          inference.addRoutes(to: router, prefix: prefix)
        }
        inference.addRootRoutes(to: router)
        bedrock.addRoutes(to: router)
      })
  }

  /// Where the program that trains and answers is; throws when there is none.
  static func workerPath(_ settings: ServiceSettings) -> @Sendable () throws -> String {
    let named = settings.jobs.program
    return {
      guard let named else { return try WorkerLocation.find() }
      guard access(named, X_OK) == 0 else {
        throw ServiceFailure("jobs.program names \(named), which is no program that can be run")
      }
      return named
    }
  }

  static func catalogue(_ settings: ServiceSettings) -> ModelCatalogue {
    ModelCatalogue(
      settings.models.map {
        .init(name: $0.name, source: $0.source, dtype: $0.dtype, device: $0.device, aliases: $0.aliases)
      })
  }

  /// A sentence on models whose files are not there; nil when all are.
  static func missingModels(_ settings: ServiceSettings) -> String? {
    let catalogue = catalogue(settings)
    let missing = catalogue.entries.filter { catalogue.location(of: $0) == nil }.map(\.name)
    guard !missing.isEmpty else { return nil }
    return "no files were found for \(missing.joined(separator: ", ")): requests for them will fail"
  }
}

extension InferenceSettings {
  init(_ settings: ServiceSettings) {
    self.init(modelBytes: settings.serving.memory ?? ThisMachine.memoryBytes / 5 * 2)
    positions = settings.serving.positions
    maxRows = settings.serving.rows
    cacheBytes = settings.serving.cache
    mostWaiting = settings.serving.waiting
    mostWaitingPerModel = min(mostWaitingPerModel, settings.serving.waiting)
    idleLimit = .seconds(settings.serving.idleSeconds)
    startLimit = .seconds(settings.serving.startSeconds)
  }
}

extension JobSettings {
  init(_ settings: ServiceSettings, folder: String) {
    self.init(folder: folder)
    workers = settings.jobs.workers
    memoryBudget = settings.jobs.memory ?? ThisMachine.memoryBytes / 2
    retries = settings.jobs.retries
    leavesWorkersRunning = settings.jobs.leaveRunning
  }
}

extension WebhookReach {
  init(_ reach: ServiceSettings.WebhookReach) {
    self =
      switch reach {
      case .outside: .outside
      case .inside: .inside
      case .everywhere: .everywhere
      }
  }
}

extension BedrockSettings {
  init(_ settings: ServiceSettings, folder: DataFolder) {
    let objects = settings.objects
    if let url = objects.endpoint {
      self.init(
        workFolder: folder.bedrock,
        objects: .endpoint(
          S3Endpoint(
            url: url, accessKeyID: objects.accessKey ?? "", secretAccessKey: objects.secretKey ?? "",
            region: objects.region)))
    } else {
      self.init(workFolder: folder.bedrock, objects: .folder(folder.objects))
    }
    region = settings.bedrock.region
    account = settings.bedrock.account
    buckets.owners = objects.owners
    buckets.shared = Set(objects.shared)
    lambdaEndpoint = settings.graders.lambdaEndpoint
    lambdas = settings.graders.lambdas.mapValues { lambda in
      switch lambda {
      case .definition(let definition): .grader(definition)
      case .file(let path): .definition(path: path)
      case .handler(let path): .handler(path: path)
      case .endpoint(let url): .endpoint(url)
      }
    }
  }
}
