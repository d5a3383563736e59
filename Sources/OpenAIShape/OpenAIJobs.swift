package import Cluster
package import Gateway
package import Hummingbird
package import Inference
package import Jobs
package import Logging
package import Store

/// OpenAI's API but for inference: files, uploads, fine-tuning jobs, graders, models, webhooks.
package struct OpenAIJobs: Sendable {
  package struct Settings: Sendable, Hashable {
    /// Bytes of the largest file that comes in one request.
    package var maxFileBytes = 512 << 20
    /// Bytes of the largest file that comes in parts.
    package var maxUploadBytes = 8 << 30
    package var maxPartBytes = 64 << 20
    package var webhookReach = WebhookReach.outside
    /// Since when the base models are offered, as `/models` says it.
    package var modelsSince = UnixTime.now

    package init() {}
  }

  private let shelf: FileShelf
  private let settings: Settings
  private let jobs: any JobManaging
  private let models: ServedModels
  private let graders: GraderAdmission
  private let turns = RequestTurns()

  package init(
    store: Store, blobs: Blobs, jobs: any JobManaging, answering: any Answering, catalogue: ModelCatalogue,
    graders: GraderHosting, settings: Settings = Settings()
  ) {
    shelf = FileShelf(store: store, blobs: blobs)
    self.jobs = jobs
    self.settings = settings
    models = ServedModels(store: store, catalogue: catalogue, answering: answering)
    self.graders = GraderAdmission(hosting: graders, models: models)
  }

  private var uploads: UploadRoutes {
    UploadRoutes(
      shelf: shelf, limits: .init(bytes: settings.maxUploadBytes, partBytes: settings.maxPartBytes))
  }

  /// Adds all routes under a prefix: `/v1`, and for Azure's clients `/openai/v1` and `/openai`, whose `api-version` is
  /// not looked at.
  package func addRoutes(to router: some RouterMethods<APIContext>, prefix: String) {
    let group = router.group(RouterPath(prefix))
    FileRoutes(shelf: shelf, maxBytes: settings.maxFileBytes).add(to: group)
    uploads.add(to: group)
    JobRoutes(shelf: shelf, jobs: jobs, models: models, graders: graders, turns: turns).add(to: group)
    PermissionRoutes(store: shelf.store).add(to: group)
    GraderRoutes(graders: graders).add(to: group)
    ModelRoutes(models: models, since: settings.modelsSince).add(to: group)
    WebhookRoutes(store: shelf.store, reach: settings.webhookReach).add(to: group)
  }

  /// Takes away what a service that died has left half written. Before the first request.
  package func prepare() { shelf.blobs.removeIncoming() }

  /// Removes what has expired, until its task is cancelled.
  package func keepHouse(logger: Logger) async {
    var rounds = 0
    while !Task.isCancelled {
      do {
        try await shelf.sweepExpired()
        try await uploads.sweep()
        // Bytes without a row are rare, and looking for them means listing a folder.
        if rounds.isMultiple(of: 30) { try await shelf.sweepOrphans() }
      } catch {
        logger.error("files that have expired could not be removed", metadata: ["error": "\(error)"])
      }
      rounds += 1
      try? await Task.sleep(for: .seconds(60))
    }
  }
}
