package import Cluster
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

  package init(
    store: Store, blobs: Blobs, catalogue: ModelCatalogue, launcher: any WorkerLauncher,
    settings: JobSettings, logger: Logger
  ) {
    self.store = store
    self.blobs = blobs
    self.catalogue = catalogue
    self.launcher = launcher
    self.settings = settings
    self.logger = logger
  }

  func folder(of jobID: String) -> JobFolder { JobFolder(jobID, under: settings.folder) }
}
