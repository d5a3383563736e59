import ArgumentParser
import Foundation
import Records

/// `operant files`: files on a service.
struct FilesCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "files", abstract: "Files on a service.",
    subcommands: [Upload.self, List.self, Show.self, Download.self, Delete.self])

  struct Upload: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Send a file.")
    @Argument(help: "The file.")
    var file: String
    @Option(help: ArgumentHelp("What it is for.", valueName: "name"))
    var purpose = "fine-tune"
    @Flag(help: "Print JSON.")
    var json = false
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let sent = try await service.client().upload(file, purpose: purpose)
      Terminal.write((json ? JSONValue.object(sent).serialised() : JobText.file(sent)) + "\n")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List files, newest first.")
    @Option(help: ArgumentHelp("Only those for this.", valueName: "name"))
    var purpose: String?
    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 100
    @Flag(help: "Print a JSON object a file.")
    var json = false
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let query = purpose.map { ["purpose": $0] } ?? [:]
      for file in try await service.client().list("files", query: query, limit: limit) {
        Terminal.write((json ? JSONValue.object(file).serialised() : JobText.file(file)) + "\n")
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print what the service knows of a file.")
    @Argument(help: "The file's id.")
    var id: String
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let file = try await service.client().json(.get, "files/\(id)")
      Terminal.write(JSONValue.object(file).serialised(.indented(2)) + "\n")
    }
  }

  struct Download: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Fetch a file's bytes.")
    @Argument(help: "The file's id.")
    var id: String
    @Option(help: ArgumentHelp("Write to this file. (default: standard output)", valueName: "file"))
    var to: String?
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      let data = try await service.client().bytes("files/\(id)/content")
      guard let to else { return FileHandle.standardOutput.write(data) }
      do { try data.write(to: URL(filePath: to), options: .withoutOverwriting) } catch {
        throw CommandFailure("\(to) cannot be written: \(error.localizedDescription)")
      }
    }
  }

  struct Delete: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Delete a file.")
    @Argument(help: "The file's id.")
    var id: String
    @OptionGroup var service: ServiceOptions

    func run() async throws {
      _ = try await service.client().json(.delete, "files/\(id)")
      Terminal.write("deleted \(id)\n")
    }
  }
}
