import ArgumentParser
import Service

/// `operant backup`: a copy of a service's data folder.
struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copy a service's data folder into one tar file, while it runs.",
    discussion: """
      The file holds the service's secret and everything that clients have sent: keep it as you keep those.

      Example:
        operant backup --data /srv/operant --to operant-2026-11-22.tar
      """)

  @Option(help: ArgumentHelp("A new file.", valueName: "file"))
  var to: String
  @OptionGroup var service: ServiceFolderOptions

  func run() async throws {
    do {
      let report = try await Backup.make(try service.folder(), to: to)
      Terminal.write("\(report.files) files, \(report.bytes) bytes -> \(to)\n")
    } catch let failure as ServiceFailure { throw CommandFailure(failure.description) }
  }
}

/// `operant restore`: the other way.
struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Bring a backup back into a new or empty data folder, verified.",
    discussion: """
      Nothing is there unless all of it is whole. Jobs that were under way go on from their last checkpoint when a
      service starts in the folder, wherever it is now.

      Example:
        operant restore --from operant-2026-11-22.tar --data /srv/operant
      """)

  @Option(help: ArgumentHelp("What `operant backup` has written.", valueName: "file"))
  var from: String
  @OptionGroup var service: ServiceFolderOptions

  func run() async throws {
    do {
      let folder = DataFolder(try service.settings().data)
      let report = try await Restore.make(from: from, to: folder)
      Terminal.write("\(report.files) files, \(report.bytes) bytes -> \(folder.path)\n")
      if !report.missing.isEmpty {
        Terminal.write(
          "\(report.missing.count) files had been deleted while the backup was made; their entries were taken away\n"
        )
      }
    } catch let failure as ServiceFailure { throw CommandFailure(failure.description) }
  }
}
