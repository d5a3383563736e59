package import Cluster
package import Gateway
package import Hummingbird
package import Inference
package import Jobs
package import Logging
package import Store

/// Bedrock's API: its control plane (jobs, models, deployments) and its runtime, as the stock clients speak them.
package struct Bedrock: Sendable {
  let store: Store
  let jobs: any JobManaging
  let answering: any Answering
  let models: FoundationModels
  let settings: BedrockSettings
  let objects: ObjectAccess
  let graders: LambdaGraders
  /// What was asked and answered; for requests in other shapes too.
  package let invocations: InvocationLog
  let outputs: JobOutputs
  /// What lies in the work folder from before is nobody's any more, unless a job has it.
  private let start = UnixTime.now

  /// Throws `ObjectFailure` where the settings name an S3 endpoint that is none.
  package init(
    store: Store, jobs: any JobManaging, answering: any Answering, catalogue: ModelCatalogue,
    settings: BedrockSettings
  ) throws(ObjectFailure) {
    let storage: any ObjectStorage =
      switch settings.objects {
      case .folder(let root): FolderStorage(root: root)
      case .endpoint(let endpoint): try S3Client(endpoint)
      }
    self.store = store
    self.jobs = jobs
    self.answering = answering
    self.settings = settings
    models = FoundationModels(catalogue)
    objects = ObjectAccess(storage: storage, settings: settings.buckets, store: store)
    graders = LambdaGraders(settings: settings)
    invocations = InvocationLog(
      store: store, storage: storage, folder: settings.workFolder + "/invocations", settings: settings)
    outputs = JobOutputs(store: store, storage: storage, folder: settings.workFolder)
  }

  package func addRoutes(to router: Router<APIContext>) {
    addJobRoutes(to: router)
    addModelRoutes(to: router)
    addDeploymentRoutes(to: router)
    addFoundationModelRoutes(to: router)
    addTagRoutes(to: router)
    addLoggingRoutes(to: router)
    addRuntimeRoutes(to: router)
  }

  /// Writes down invocations, and delivers them and jobs' figures, until the task is cancelled; then what is left is
  /// delivered once more. Each goes at its own pace: a store that does not answer holds up what is sent to it, and not
  /// what is written here.
  package func run(every interval: Duration = .seconds(2), logger: Logger) async {
    await invocations.recover()
    await outputs.sweep(before: start, logger: logger)
    await withTaskGroup { group in
      for work in [
        { await invocations.spool(logger) }, { await outputs.deliver(logger: logger) },
        { await invocations.deliver(isLast: false, logger: logger) },
      ] as [@Sendable () async -> Void] {
        group.addTask {
          while !Task.isCancelled {
            // In a task of its own: what has begun is ended, and the store refuses a task that is cancelled.
            await Task { await work() }.value
            try? await Task.sleep(for: interval)
          }
        }
      }
    }
    await Task { await drain(logger: logger) }.value
  }

  /// Delivers what is there now.
  package func drain(logger: Logger) async {
    await outputs.deliver(logger: logger)
    await invocations.deliver(isLast: true, logger: logger)
  }
}
