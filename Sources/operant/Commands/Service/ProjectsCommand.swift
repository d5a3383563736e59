import ArgumentParser
import Foundation
import Records
import Service
import Store

/// `operant projects`: the tenants of a service.
struct ProjectsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "projects", abstract: "Make, list, limit and archive the projects of a service.",
    discussion: """
      Nothing of one project is visible to another. Works on the data folder, also while the service runs.

      Examples:
        operant projects create team
        operant projects quota team --jobs 2 --storage 50GiB --tokens 5000000
        operant projects quota team --jobs none
        operant projects list
        operant projects audit --limit 50
        operant projects archive team
      """,
    subcommands: [Create.self, List.self, Quota.self, Archive.self, Audit.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Make a project.")
    @Argument(help: "Its name.")
    var name: String
    @OptionGroup var service: ServiceFolderOptions

    func run() async throws {
      let project = try await service.accounts().createProject(name, by: .person)
      Terminal.write("\(project.id)  \(Terminal.harmless(project.name))\n")
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List projects with what they use and may use, oldest first.")
    @Flag(help: "Archived ones too.")
    var all = false
    @Flag(help: "Print a JSON object a project.")
    var json = false
    @OptionGroup var service: ServiceFolderOptions

    func run() async throws {
      let store = try service.accounts().store
      for project in try await store.projects() where all || project.archivedAt == nil {
        let bytes = try await store.storedBytes(of: project.id)
        let usage = try await store.usage(of: project.id, day: UnixTime.now / 86_400)
        let tokens = (usage?.promptTokens ?? 0) + (usage?.completionTokens ?? 0)
        Terminal.write(
          (json
            ? ProjectText.json(project, bytes: bytes, tokens: tokens)
            : ProjectText.line(project, bytes: bytes, tokens: tokens)) + "\n")
      }
    }
  }

  struct Quota: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what a project may use; `none` takes a limit away.")
    @Argument(help: "The project's name or id.")
    var project: String
    @Option(help: ArgumentHelp("Jobs that wait or run at once.", valueName: "n"))
    var jobs: String?
    @Option(help: ArgumentHelp("Bytes of its files, such as 50GiB.", valueName: "bytes"))
    var storage: String?
    @Option(help: ArgumentHelp("Tokens of prompts and answers a day.", valueName: "n"))
    var tokens: String?
    @OptionGroup var service: ServiceFolderOptions

    func run() async throws {
      let change = Accounts.QuotaChange(
        jobs: try value(jobs, "--jobs"), storage: try value(storage, "--storage"),
        tokens: try value(tokens, "--tokens"))
      guard change != Accounts.QuotaChange() else {
        throw CommandFailure.usage("no limit was given; give --jobs, --storage or --tokens")
      }
      let accounts = try service.accounts()
      let project = try await accounts.setQuota(
        try await accounts.project(project), change, by: .person)
      Terminal.write(ProjectText.limits(project) + "\n")
    }

    private func value(_ text: String?, _ flag: String) throws(CommandFailure) -> Accounts.QuotaChange.Value?
    {
      guard let text else { return nil }
      if text == "none" { return Accounts.QuotaChange.Value.none }
      guard let number = SettingsReader.bytes(text) else {
        throw .usage("\(flag) was given '\(text)'; expected a number, one with KiB, MiB or GiB, or none")
      }
      return .limit(number)
    }
  }

  struct Archive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Shut a project: its keys open nothing, and what it has stays.")
    @Argument(help: "The project's name or id.")
    var project: String
    @OptionGroup var service: ServiceFolderOptions

    func run() async throws {
      let accounts = try service.accounts()
      let project = try await accounts.archive(try await accounts.project(project), by: .person)
      Terminal.write("archived \(project.id) (\(Terminal.harmless(project.name)))\n")
    }
  }

  struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Print who changed what, newest first.")
    @Option(help: ArgumentHelp("That of one project, by name or id.", valueName: "project"))
    var project: String?
    @Option(help: ArgumentHelp("At most so many.", valueName: "n"))
    var limit = 20
    @Flag(help: "Print a JSON object an entry.")
    var json = false
    @OptionGroup var service: ServiceFolderOptions

    func run() async throws {
      let accounts = try service.accounts()
      var projectID: String?
      if let project { projectID = try await accounts.project(project).id }
      for entry in try await accounts.store.audit(projectID: projectID, limit: max(1, limit)) {
        Terminal.write((json ? ProjectText.json(entry) : ProjectText.line(entry)) + "\n")
      }
    }
  }
}

/// Projects and what was done with them as text.
enum ProjectText {
  static func limits(_ project: Project) -> String {
    func text(_ limit: Int?) -> String { limit.map(String.init) ?? "no limit" }
    return "\(project.id)  \(Terminal.harmless(project.name))  jobs: \(text(project.maxRunningJobs))  "
      + "storage: \(text(project.maxStorageBytes))  tokens a day: \(text(project.maxTokensPerDay))"
  }

  static func line(_ project: Project, bytes: Int, tokens: Int) -> String {
    func of(_ limit: Int?) -> String { limit.map { " of \($0)" } ?? "" }
    return "\(project.id)  \(Terminal.harmless(project.name))"
      + "  jobs: \(project.maxRunningJobs.map { "up to \($0)" } ?? "no limit")"
      + "  stored bytes: \(bytes)\(of(project.maxStorageBytes))"
      + "  tokens today: \(tokens)\(of(project.maxTokensPerDay))"
      + (project.archivedAt.map { "  archived \(KeyText.day($0))" } ?? "")
  }

  static func json(_ project: Project, bytes: Int, tokens: Int) -> String {
    var object = JSONObject()
    object["id"] = .string(project.id)
    object["name"] = .string(project.name)
    object["created_at"] = .integer(project.createdAt)
    object["archived_at"] = project.archivedAt.map(JSONValue.integer) ?? .null
    object["max_jobs"] = project.maxRunningJobs.map(JSONValue.integer) ?? .null
    object["max_storage_bytes"] = project.maxStorageBytes.map(JSONValue.integer) ?? .null
    object["max_tokens_per_day"] = project.maxTokensPerDay.map(JSONValue.integer) ?? .null
    object["stored_bytes"] = .integer(bytes)
    object["tokens_today"] = .integer(tokens)
    return JSONValue.object(object).serialised()
  }

  static func line(_ entry: AuditEntry) -> String {
    let time = Date(timeIntervalSince1970: Double(entry.at)).formatted(.iso8601)
    let details = entry.details.map { "  " + Terminal.harmless($0.value.serialised()) } ?? ""
    return
      "\(time)  \(entry.action)  \(Terminal.harmless(entry.subject))  by \(entry.keyID ?? "operator")\(details)"
  }

  static func json(_ entry: AuditEntry) -> String {
    var object = JSONObject()
    object["at"] = .integer(entry.at)
    object["action"] = .string(entry.action)
    object["subject"] = .string(entry.subject)
    object["project_id"] = entry.projectID.map(JSONValue.string) ?? .null
    object["key_id"] = entry.keyID.map(JSONValue.string) ?? .null
    object["request_id"] = entry.requestID.map(JSONValue.string) ?? .null
    object["details"] = entry.details?.value ?? .null
    return JSONValue.object(object).serialised()
  }
}
