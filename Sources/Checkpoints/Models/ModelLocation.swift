import Foundation
import Records

/// A model on disk, by the form it has.
package enum ModelLocation: Sendable, Hashable {
  /// A GGUF file.
  case gguf(String)
  /// A Hugging Face folder: config.json, safetensors, tokenizer.json.
  case folder(String)

  package var path: String {
    switch self {
    case .gguf(let path), .folder(let path): path
    }
  }
}

extension ModelLocation {
  /// Finds what a plan's `model.source` means: a GGUF file, a Hugging Face folder, or the name of a folder
  /// below one of the model roots.
  ///
  /// - Throws: `ModelFileError` that says what was looked for and where.
  package init(
    source: String, environment: [String: String] = ProcessInfo.processInfo.environment,
    currentFolder: String = FileManager.default.currentDirectoryPath,
    executable: String? = Bundle.main.executablePath
  ) throws(ModelFileError) {
    let expanded = (source as NSString).expandingTildeInPath
    let path = URL(filePath: expanded, relativeTo: URL(filePath: currentFolder, directoryHint: .isDirectory))
      .standardizedFileURL.path
    if let found = try Self.model(at: path, source: source) {
      self = found
      return
    }
    let roots = Self.roots(environment: environment, currentFolder: currentFolder, executable: executable)
    if !source.isEmpty, !source.contains("/") {
      for root in roots {
        if let found = try Self.model(at: root + "/" + source, source: source) {
          self = found
          return
        }
      }
    }
    throw Self.notFound(source, path: path, roots: roots)
  }

  /// What is at a path: nil when nothing is, an error when it is something that is not a model.
  private static func model(at path: String, source: String) throws(ModelFileError) -> ModelLocation? {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
    if !isFolder.boolValue {
      if path.hasSuffix(".safetensors") {
        throw ModelFileError(
          .unsupported, file: path,
          "a safetensors file alone does not say what model it is; give the folder that also has config.json")
      }
      return .gguf(path)
    }
    if FileManager.default.fileExists(atPath: path + "/config.json") { return .folder(path) }
    if FileManager.default.fileExists(atPath: path + "/model.gguf") { return .gguf(path + "/model.gguf") }
    let files = ((try? Folder.names(in: path)) ?? []).filter { $0.hasSuffix(".gguf") }
    if files.count == 1 { return .gguf(path + "/" + files[0]) }
    let found =
      files.isEmpty ? "neither" : "several GGUF files (\(files.joined(separator: ", "))): give one of them"
    throw ModelFileError(
      .missing, file: path,
      "a model folder has config.json (Hugging Face) or one GGUF file; this one has \(found)")
  }

  /// Where models that are called by name are looked for, in order.
  private static func roots(
    environment: [String: String], currentFolder: String, executable: String?
  ) -> [String] {
    var roots: [String] = []
    if let root = environment["OPERANT_MODELS"], !root.isEmpty {
      roots.append((root as NSString).expandingTildeInPath)
    }
    var starts = [currentFolder]
    if let executable {
      starts.insert(
        URL(filePath: executable).resolvingSymlinksInPath().deletingLastPathComponent().path, at: 0)
    }
    for start in starts {
      var folder = URL(filePath: start, directoryHint: .isDirectory).standardizedFileURL.path as NSString
      while true {
        let models = folder.appendingPathComponent(".deps/models")
        if Folder.exists(models) {
          roots.append(models)
          break
        }
        if folder.length <= 1 { break }
        folder = folder.deletingLastPathComponent as NSString
      }
    }
    if let home = environment["HOME"] { roots.append(home + "/.cache/operant/models") }
    var seen: Set<String> = []
    return roots.filter { seen.insert($0).inserted }
  }

  private static func notFound(_ source: String, path: String, roots: [String]) -> ModelFileError {
    let name = (path as NSString).lastPathComponent
    let beside = (try? Folder.names(in: (path as NSString).deletingLastPathComponent)) ?? []
    let named = roots.flatMap { (try? Folder.names(in: $0)) ?? [] }
    let near = EditDistance.nearest(
      to: name, among: (source.contains("/") ? beside : named + beside).filter { !$0.hasPrefix(".") })
    let looked = source.contains("/") ? [path] : [path] + roots.map { $0 + "/" + source }
    var message = "no such model: there is no GGUF file, Hugging Face folder or named model at "
    message += looked.joined(separator: ", ")
    if let near { message += "; did you mean '\(near)'?" }
    message +=
      "; `make quickstart` or `Scripts/setup.sh model` fetches smollm2-135m-instruct, and OPERANT_MODELS "
    message += "names another folder of models"
    return ModelFileError(.missing, file: source, message)
  }
}
