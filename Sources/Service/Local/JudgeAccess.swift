internal import Cluster
internal import Foundation
internal import OpenAIShape
internal import Records
internal import Store

/// How graders find judges: this service's models, unless the environment names others.
struct JudgeAccess: Sendable {
  private let base: [String: String]
  private let keys: InternalKeys
  private let address: OwnAddress
  private let store: Store

  init(_ ground: ServiceGround) {
    base = ProcessInfo.processInfo.environment
    keys = ground.internalKeys
    address = ground.ownAddress
    store = ground.store
  }

  /// Whether judges without an address are ours.
  var isOurs: Bool { (base["OPERANT_JUDGE_URL"] ?? "").isEmpty }

  /// The environment of a project's graders.
  func environment(for projectID: String) -> [String: String] {
    guard isOurs else { return base }
    let judge = JudgeEnvironment(url: address.url + "/v1", keys: keys)
    return base.merging(judge.variables(for: projectID)) { $1 }
  }

  /// The environment of the worker of a run; that of nobody where no job has the folder.
  func environment(ofRun folder: String) async -> [String: String] {
    guard isOurs, await address.isKnown(within: .seconds(60)),
      let job = try? await store.job(runFolder: folder)
    else { return base }
    // The worker goes on when this service ends, and has to wait for the next one to ask: a day, as one that is away for
    // longer is not being started anew.
    return environment(for: job.projectID).merging(["OPERANT_JUDGE_PATIENCE": "86400"]) { $1 }
  }
}

/// Starts workers that may ask this service's models as judges, each as its job's project.
struct JudgingLauncher: WorkerLauncher {
  private let executable: String
  private let judge: JudgeAccess
  /// For all that is not a start.
  private let launcher: LocalLauncher

  init(executable: String, judge: JudgeAccess) {
    self.executable = executable
    self.judge = judge
    launcher = LocalLauncher(executable: executable)
  }

  func start(_ assignment: WorkerAssignment, launch: WorkerLaunch) async throws(LaunchFailure) -> WorkerLaunch
  {
    let environment = await judge.environment(ofRun: assignment.folder)
    return try await LocalLauncher(executable: executable, environment: environment)
      .start(assignment, launch: launch)
  }

  func state(of launch: WorkerLaunch, folder: String) async -> WorkerState {
    await launcher.state(of: launch, folder: folder)
  }
  func holder(of folder: String) async -> WorkerLaunch? { await launcher.holder(of: folder) }
  func finish(_ launch: WorkerLaunch) async { await launcher.finish(launch) }
  func end(_ launch: WorkerLaunch) async { await launcher.end(launch) }
}
