package import Cluster
internal import Foundation
package import Graders
package import Logging
package import Store

/// What jobs are carried out with.
package struct JobSurroundings: Sendable {
  package var store: Store
  package var blobs: Blobs
  package var catalogue: ModelCatalogue
  package var launcher: any WorkerLauncher
  package var settings: JobSettings
  package var logger: Logger
  /// What the graders of a project may refer to. Workers get theirs from the launcher; this is what definitions are checked
  /// with.
  package var graders: @Sendable (_ projectID: String) -> GraderSurroundings
  /// Bytes that are free where a path lies; nil when that cannot be told.
  package var freeBytes: @Sendable (_ path: String) -> Int? = JobSurroundings.space

  package init(
    store: Store, blobs: Blobs, catalogue: ModelCatalogue, launcher: any WorkerLauncher,
    settings: JobSettings, logger: Logger,
    graders: @escaping @Sendable (_ projectID: String) -> GraderSurroundings = { _ in
      GraderSurroundings(environment: ProcessInfo.processInfo.environment)
    }
  ) {
    self.store = store
    self.blobs = blobs
    self.catalogue = catalogue
    self.launcher = launcher
    self.settings = settings
    self.logger = logger
    self.graders = graders
  }

  func folder(of jobID: String) -> JobFolder { JobFolder(jobID, under: settings.folder) }

  /// Whether the disk is so full that workers cannot be expected to write their checkpoints.
  var isShortOfSpace: Bool { (freeBytes(settings.folder) ?? .max) < settings.leastFreeBytes }

  private static func space(at path: String) -> Int? {
    var statistics = statvfs()
    guard statvfs(path, &statistics) == 0 else { return nil }
    return Int(clamping: UInt64(statistics.f_bavail) * UInt64(statistics.f_frsize))
  }
}
