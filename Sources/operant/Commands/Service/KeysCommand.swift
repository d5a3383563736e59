import ArgumentParser
import Foundation
import Records
import Service
import Store

/// `operant keys`: the keys of a service.
struct KeysCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "Make, list and revoke the keys of a service.",
    discussion: """
      Works on the data folder, also while the service runs: a new key opens at once, a revoked one is shut within
      three seconds.

      Examples:
        operant keys create --name laptop
        operant keys create --project team --scopes read,inference --days 30 --requests-per-minute 600
        operant keys list
        operant keys revoke key_...
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a key. It is printed once; the service keeps its hash alone.")
    @Option(help: ArgumentHelp("The project's name or id.", valueName: "project"))
    var project = Accounts.defaultProject
    @Option(help: ArgumentHelp("For people to tell keys apart.", valueName: "name"))
    var name = "key"
    @Option(
      help: ArgumentHelp("What it may do, with commas: read, write, inference, admin.", valueName: "scopes"))
    var scopes = "read,write,inference"
    @Option(help: ArgumentHelp("Days that it lives. (default: for ever)", valueName: "n"))
    var days: Int?
    @Option(help: ArgumentHelp("Requests a minute. (default: the service's limit)", valueName: "n"))
    var requestsPerMinute: Int?
    @Flag(help: "Print a JSON object.")
    var json = false
    @OptionGroup var service: ServiceFolderOptions

    func run() async throws {
      let accounts = try service.accounts()
      let made = try await accounts.createKey(
        in: try await accounts.project(project), name: name, scopes: try chosenScopes(),
        lifetime: days.map { $0.multipliedReportingOverflow(by: 86_400).partialValue },
        requestsPerMinute: requestsPerMinute, by: .person)
      if json {
        var object = KeyText.json(made.key)
        object["value"] = .string(made.secret)
        object["secret_access_key"] = .string(made.secretAccessKey)
        Terminal.write(JSONValue.object(object).serialised() + "\n")
      } else {
        Terminal.write(
          """
          \(made.secret)

          id                   \(made.key.id)
          AWS access key id    \(made.key.accessKeyID)
          AWS secret key       \(made.secretAccessKey)
          Keep them: they are shown this once.

          """)
      }
    }

    private func chosenScopes() throws(CommandFailure) -> Set<KeyScope> {
      var chosen: Set<KeyScope> = []
      for word in scopes.split(separator: ",").map({ $0.trimmingCharacters(in: .whitespaces) }) {
        guard let scope = KeyScope(rawValue: word) else {
          let words = KeyScope.allCases.map(\.rawValue)
          let near = EditDistance.nearest(to: word, among: words).map { "; did you mean '\($0)'?" } ?? ""
          throw .usage("'\(word)' is no scope; expected some of \(words.joined(separator: ", "))\(near)")
        }
        chosen.insert(scope)
      }
      return chosen
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List keys, oldest first; never what opens.")
    @Option(help: ArgumentHelp("Those of one project, by name or id.", valueName: "project"))
    var project: String?
    @Flag(help: "Revoked and expired ones too.")
    var all = false
    @Flag(help: "Print a JSON object a key.")
    var json = false
    @OptionGroup var service: ServiceFolderOptions

    func run() async throws {
      let accounts = try service.accounts()
      var projectID: String?
      if let project { projectID = try await accounts.project(project).id }
      let names = Dictionary(
        uniqueKeysWithValues: try await accounts.store.projects().map { ($0.id, $0.name) })
      for key in try await accounts.store.keys(of: projectID) where all || key.isValid(at: .now) {
        Terminal.write(
          (json
            ? JSONValue.object(KeyText.json(key)).serialised()
            : KeyText.line(key, project: names[key.projectID] ?? key.projectID)) + "\n")
      }
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Revoke a key, for good.")
    @Argument(help: "Its id, its name, its AWS access key id, or its last letters.")
    var key: String
    @OptionGroup var service: ServiceFolderOptions

    func run() async throws {
      let accounts = try service.accounts()
      let revoked = try await accounts.revoke(try await accounts.key(key), by: .person)
      Terminal.write("revoked \(revoked.id) (\(revoked.name), \(revoked.hint))\n")
    }
  }
}

/// Keys as text.
enum KeyText {
  static func line(_ key: APIKey, project: String) -> String {
    var parts = [
      key.id, key.hint, project, Terminal.harmless(key.name), key.scopes.replacing(" ", with: ","),
    ]
    if let moment = key.revokedAt { parts.append("revoked \(day(moment))") }
    if let moment = key.expiresAt { parts.append("expires \(day(moment))") }
    parts.append(key.lastUsedAt.map { "used \(day($0))" } ?? "never used")
    return parts.joined(separator: "  ")
  }

  static func json(_ key: APIKey) -> JSONObject {
    var object = JSONObject()
    object["id"] = .string(key.id)
    object["project_id"] = .string(key.projectID)
    object["name"] = .string(key.name)
    object["hint"] = .string(key.hint)
    object["access_key_id"] = .string(key.accessKeyID)
    object["scopes"] = .array(key.scopes.split(separator: " ").map { .string(String($0)) })
    object["created_at"] = .integer(key.createdAt)
    object["expires_at"] = key.expiresAt.map(JSONValue.integer) ?? .null
    object["revoked_at"] = key.revokedAt.map(JSONValue.integer) ?? .null
    object["last_used_at"] = key.lastUsedAt.map(JSONValue.integer) ?? .null
    return object
  }

  static func day(_ moment: UnixTime) -> String {
    Date(timeIntervalSince1970: Double(moment)).formatted(.iso8601.year().month().day())
  }
}
