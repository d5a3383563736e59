internal import Foundation
internal import Plans
internal import Records
internal import Yams

/// Reads settings: a YAML file, the environment, flags; a later one wins. All problems come at once, as with plans.
package struct SettingsReader {
  private var settings = ServiceSettings()
  private var diagnostics: [Diagnostic] = []
  /// Where each setting was given, for problems that show only at the end.
  private var origins: [String: (file: String, line: Int)] = [:]

  private init() {}

  /// - Parameters:
  ///   - file: the YAML file; relative paths in it begin at its folder.
  ///   - flags: settings by path, with the name of the flag that gives each.
  package static func read(
    file: String?, environment: [String: String] = ProcessInfo.processInfo.environment,
    flags: [(path: String, name: String, value: String)] = []
  ) -> SettingsReading {
    var reader = SettingsReader()
    if let file { reader.read(file: file) }
    for field in SettingsTable.fields {
      if let text = environment[field.variable], !text.isEmpty {
        reader.take(field, text: text, origin: field.variable)
      }
    }
    for (path, name, value) in flags {
      guard let field = SettingsTable.byPath[path] else {
        preconditionFailure("the flag for \(path) sets nothing: it is not in the table")
      }
      reader.take(field, text: value, origin: name)
    }
    reader.checkTogether()
    return SettingsReading(settings: reader.settings, diagnostics: reader.diagnostics)
  }

  // MARK: File

  private mutating func read(file: String) {
    guard let bytes = FileManager.default.contents(atPath: file) else {
      return report(file, 0, "", "the settings cannot be read; check that the file is there and may be read")
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return report(file, 0, "", "the settings are not UTF-8 text; save the file as UTF-8")
    }
    let document = YAMLDocument(text, file: file)
    diagnostics += document.diagnostics
    if let root = document.root { add(root, at: "", line: root.mark?.line ?? 1, file) }
  }

  private mutating func add(_ node: Node, at path: String, line: Int, _ file: String) {
    origins[path] = (file, line)
    switch path {
    case "models": return readModels(node, line, file)
    case "graders.lambdas": return readLambdas(node, line, file)
    case "objects.owners": return readOwners(node, line, file)
    default: break
    }
    if let field = SettingsTable.byPath[path] {
      let folder = URL(filePath: file).deletingLastPathComponent().standardizedFileURL.path
      do throws(Mismatch) {
        field.set(&settings, try value(of: node, for: field.kind, folder: folder))
      } catch { report(file, line, path, error.message) }
      return
    }
    let isSection = path.isEmpty || SettingsTable.sections.contains { $0.path == path }
    guard isSection else { return reportUnknown(path, line, file) }
    if let mapping = node.mapping {
      for (key, value) in mapping {
        guard let name = key.scalar?.string else {
          report(file, key.mark?.line ?? line, path, "a list or a section stands as a key; expected a name")
          continue
        }
        if YAMLDocument.isMarked(name) { continue }
        add(value, at: path.isEmpty ? name : "\(path).\(name)", line: key.mark?.line ?? line, file)
      }
    } else if let scalar = node.scalar, JSONValue(yaml: scalar) == .null {
      return
    } else {
      let keys = SettingsTable.keys(in: path).joined(separator: ", ")
      report(file, line, path, "\(node.given) was given; expected a section with the keys \(keys)")
    }
  }

  private mutating func reportUnknown(_ path: String, _ line: Int, _ file: String) {
    let parts = path.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let section = parts.dropLast().joined(separator: ".")
    let key = parts.last ?? path
    let siblings = SettingsTable.keys(in: section)
    let everywhere = SettingsTable.fields.map(\.key)
    let advice: String
    if let near = EditDistance.nearest(to: key, among: siblings) {
      advice = "did you mean '\(near)'?"
    } else if let near = EditDistance.nearest(to: key, among: everywhere),
      let field = SettingsTable.fields.first(where: { $0.key == near })
    {
      advice = "did you mean '\(field.path)'?"
    } else {
      advice = "expected one of " + siblings.joined(separator: ", ")
    }
    let place = section.isEmpty ? "the settings" : "'\(section)'"
    report(file, line, path, "'\(key)' is not a key of \(place); \(advice)")
  }

  // MARK: Variables and flags

  private mutating func take(_ field: SettingField, text: String, origin: String) {
    origins[field.path] = (origin, 0)
    let node: Node =
      switch field.kind {
      case .texts:
        .sequence(
          .init(
            text.split(separator: ",").map {
              Node.scalar(.init($0.trimmingCharacters(in: .whitespaces), .implicit, .doubleQuoted))
            }))
      case .text, .file, .path, .choice: .scalar(.init(text, .implicit, .doubleQuoted))
      case .flag, .integer, .bytes: .scalar(.init(text))
      }
    do throws(Mismatch) {
      let folder = FileManager.default.currentDirectoryPath
      field.set(&settings, try value(of: node, for: field.kind, folder: folder))
    } catch { report(origin, 0, field.path, error.message) }
  }

  // MARK: Values

  struct Mismatch: Error { let message: String }

  /// The value of a node, when it is of the kind.
  func value(of node: Node, for kind: SettingField.Kind, folder: String) throws(Mismatch) -> JSONValue {
    let mismatch = Mismatch(message: "\(node.given) was given; expected \(kind.expectation)")
    let scalar = node.scalar.map { JSONValue(yaml: $0) }
    switch kind {
    case .integer(let range):
      guard case .integer(let value)? = scalar, range.contains(value) else { throw mismatch }
      return .integer(value)
    case .bytes(let range):
      guard let value = Self.bytes(node.scalar?.string ?? ""), range.contains(value) else { throw mismatch }
      return .integer(value)
    case .flag:
      guard case .bool(let value)? = scalar else { throw mismatch }
      return .bool(value)
    case .choice(let words):
      guard let word = node.scalar?.string, words.contains(word) else {
        let near = node.scalar.flatMap { EditDistance.nearest(to: $0.string, among: words) }
        throw Mismatch(message: mismatch.message + (near.map { "; did you mean '\($0)'?" } ?? ""))
      }
      return .string(word)
    case .text:
      guard let text = node.scalar?.string, !text.isEmpty, scalar != .null else { throw mismatch }
      return .string(text)
    case .path, .file:
      guard let text = node.scalar?.string, !text.isEmpty, scalar != .null else { throw mismatch }
      let expanded = (text as NSString).expandingTildeInPath
      let path = expanded.hasPrefix("/") ? expanded : folder + "/" + expanded
      let clean = URL(filePath: path).standardizedFileURL.path
      if kind == .file, !FileManager.default.fileExists(atPath: clean) {
        throw Mismatch(message: "'\(text)' was given, and there is no file at \(clean)")
      }
      return .string(clean)
    case .texts:
      guard let elements = node.sequence else { throw mismatch }
      var texts: [JSONValue] = []
      for element in elements {
        guard let text = element.scalar?.string, !text.isEmpty else { throw mismatch }
        texts.append(.string(text))
      }
      return .array(texts)
    }
  }

  /// `512MiB`, `8 GiB`, `1000`; nil for anything else.
  package static func bytes(_ text: String) -> Int? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == "_") }
    let unit = text.dropFirst(digits.count).trimmingCharacters(in: .whitespaces)
    let scales = ["": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40]
    guard let number = Int(digits.replacing("_", with: "")), let scale = scales[unit] else { return nil }
    let (bytes, isTooLarge) = number.multipliedReportingOverflow(by: scale)
    return isTooLarge ? nil : bytes
  }

  // MARK: Maps

  private mutating func readModels(_ node: Node, _ line: Int, _ file: String) {
    guard let mapping = node.mapping, !mapping.isEmpty else {
      return report(file, line, "models", "\(node.given) was given; expected models by name, one at least")
    }
    var models: [ServiceSettings.Model] = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string, !YAMLDocument.isMarked(name) else { continue }
      let line = key.mark?.line ?? line
      let folder = URL(filePath: file).deletingLastPathComponent().standardizedFileURL.path
      var model = ServiceSettings.Model(name: name, source: name)
      if let source = value.scalar?.string, !source.isEmpty {
        model.source = Self.source(source, folder: folder)
      } else {
        var entry = MapEntry(path: "models.\(name)", line: line, file: file, value)
        model.source = entry.text("source").map { Self.source($0, folder: folder) } ?? name
        model.dtype = entry.choice("dtype", ComputeType.self) ?? model.dtype
        model.device = entry.choice("device", DeviceChoice.self) ?? model.device
        model.aliases = entry.texts("aliases")
        entry.finish(expecting: ["source", "dtype", "device", "aliases"])
        diagnostics += entry.diagnostics
      }
      for taken in [name] + model.aliases
      where models.contains(where: { $0.name == taken || $0.aliases.contains(taken) }) {
        report(file, line, "models.\(name)", "'\(taken)' is the name or alias of another model already")
      }
      models.append(model)
    }
    settings.models = models
  }

  /// Relative paths begin at the file's folder; a plain name is one.
  private static func source(_ text: String, folder: String) -> String {
    guard text.contains("/"), !text.hasPrefix("/"), !text.hasPrefix("~") else { return text }
    return URL(filePath: folder + "/" + text).standardizedFileURL.path
  }

  private mutating func readLambdas(_ node: Node, _ line: Int, _ file: String) {
    guard let mapping = node.mapping else {
      return report(
        file, line, "graders.lambdas", "\(node.given) was given; expected functions by ARN or name")
    }
    let folder = URL(filePath: file).deletingLastPathComponent().standardizedFileURL.path
    for (key, value) in mapping {
      guard let name = key.scalar?.string, !YAMLDocument.isMarked(name) else { continue }
      let path = "graders.lambdas.\(name)"
      let line = key.mark?.line ?? line
      let kinds = ["grader", "file", "handler", "endpoint"]
      guard let inside = value.mapping, inside.count == 1,
        let (word, given) = inside.first.map({ ($0.key, $0.value) }),
        let kind = word.scalar?.string, kinds.contains(kind)
      else {
        report(file, line, path, "expected one of \(kinds.joined(separator: ", ")) with its value")
        continue
      }
      do {
        switch kind {
        case "grader": settings.graders.lambdas[name] = .definition(try JSONValue(yaml: given))
        case "file", "handler":
          let found = try self.value(of: given, for: .file, folder: folder).string ?? ""
          settings.graders.lambdas[name] = kind == "file" ? .file(found) : .handler(found)
        default:
          settings.graders.lambdas[name] = .endpoint(
            try self.value(of: given, for: .text, folder: folder).string ?? "")
        }
      } catch { report(file, line, path, (error as? Mismatch)?.message ?? "\(error)") }
    }
  }

  private mutating func readOwners(_ node: Node, _ line: Int, _ file: String) {
    guard let mapping = node.mapping else {
      return report(file, line, "objects.owners", "\(node.given) was given; expected projects by bucket")
    }
    for (key, value) in mapping {
      guard let bucket = key.scalar?.string, !YAMLDocument.isMarked(bucket) else { continue }
      guard let project = value.scalar?.string, !project.isEmpty else {
        report(
          file, key.mark?.line ?? line, "objects.owners.\(bucket)",
          "\(value.given) was given; expected a project's name or id")
        continue
      }
      settings.objects.owners[bucket] = project
    }
  }

  // MARK: Together

  private mutating func checkTogether() {
    if (settings.listen.certificate == nil) != (settings.listen.key == nil) {
      problem(
        settings.listen.certificate == nil ? "listen.key" : "listen.certificate",
        "a certificate and its key go together; give listen.certificate and listen.key, or neither")
    }
    if settings.objects.endpoint != nil,
      settings.objects.accessKey == nil || settings.objects.secretKey == nil
    {
      problem("objects.endpoint", "an endpoint needs objects.access_key and objects.secret_key")
    }
    let account = settings.bedrock.account
    if account.count != 12 || !account.allSatisfy({ $0.isASCII && $0.isNumber }) {
      problem("bedrock.account", "'\(account)' was given; expected twelve digits")
    }
    for (path, text) in [
      ("objects.endpoint", settings.objects.endpoint),
      ("graders.lambda_endpoint", settings.graders.lambdaEndpoint),
    ] {
      if let text, !text.hasPrefix("http://"), !text.hasPrefix("https://") {
        problem(path, "'\(text)' was given; expected an address that begins with http:// or https://")
      }
    }
  }

  private mutating func problem(_ path: String, _ message: String) {
    let origin = origins[path] ?? ("", 0)
    report(origin.file, origin.line, path, message)
  }

  private mutating func report(_ file: String, _ line: Int, _ path: String, _ message: String) {
    diagnostics.append(Diagnostic(.error, file: file, line: line, path: path, message: message))
  }
}
