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
}
