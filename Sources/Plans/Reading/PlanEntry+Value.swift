import Foundation
import Graders
import Records
import Yams

extension PlanEntry {
  /// What was given and what was expected, without the place.
  struct Mismatch: Error {
    let message: String
  }

  /// The value, when it is of the field's kind and in its range.
  ///
  /// - Parameters:
  ///   - planFolder: what relative paths of the plan begin at.
  ///   - callerFolder: what relative paths of `--set` begin at.
  func value(planFolder: String, callerFolder: String) throws(Mismatch) -> JSONValue {
    switch field.kind {
    case .integer(let range):
      guard case .integer(let value)? = scalar, range.contains(value) else { throw mismatch }
      return .integer(value)
    case .number(let range):
      guard let value = scalar?.double, range.contains(value) else { throw mismatch }
      return .number(value)
    case .flag:
      guard case .bool(let value)? = scalar else { throw mismatch }
      return .bool(value)
    case .text:
      return .string(try text())
    case .choice(let words):
      return .string(try word(node, of: words))
    case .off:
      return .string(try word(node, of: ["off"]))
    case .file:
      return .string(try existingFile(try text(), planFolder: planFolder, callerFolder: callerFolder))
    case .model:
      let name = try text()
      let path = resolve(name, planFolder: planFolder, callerFolder: callerFolder)
      let isPath = name.contains("/") || name.hasSuffix(".gguf")
      return .string(isPath || FileManager.default.fileExists(atPath: path) ? path : name)
    case .run:
      return .string(try existingFolder(try text(), planFolder: planFolder, callerFolder: callerFolder))
    case .texts:
      // One text in place of a list of one.
      if node.scalar != nil { return .array([.string(try text())]) }
      guard let elements = node.sequence else { throw mismatch }
      var texts: [JSONValue] = []
      for element in elements {
        guard let text = element.scalar?.string, !text.isEmpty else {
          throw Mismatch(message: "\(element.given) stands in the list; expected a text")
        }
        texts.append(.string(text))
      }
      return .array(texts)
    case .choices(let words):
      guard let elements = node.sequence, !elements.isEmpty else { throw mismatch }
      var chosen: [String] = []
      for element in elements {
        let word = try word(element, of: words)
        if chosen.contains(word) { throw Mismatch(message: "'\(word)' stands in the list twice") }
        chosen.append(word)
      }
      return .array(chosen.map(JSONValue.string))
    case .grader:
      return try grader(planFolder: planFolder, callerFolder: callerFolder)
    }
  }

  private var scalar: JSONValue? { node.scalar.map { JSONValue(yaml: $0) } }

  private var mismatch: Mismatch {
    var message = "\(node.given) was given; expected \(field.kind.expectation)"
    if case .integer = field.kind, isQuotedNumber { message += "; remove the quotes" }
    if case .number = field.kind, isQuotedNumber { message += "; remove the quotes" }
    return Mismatch(message: message)
  }

  private var isQuotedNumber: Bool {
    guard let scalar = node.scalar, scalar.style != .plain, scalar.style != .any else { return false }
    return Double(scalar.string) != nil
  }

  private func text() throws(Mismatch) -> String {
    guard let text = node.scalar?.string, !text.isEmpty, scalar != .null else { throw mismatch }
    return text
  }

  private func word(_ node: Node, of words: [String]) throws(Mismatch) -> String {
    guard let given = node.scalar?.string else {
      throw Mismatch(message: "\(node.given) was given; expected \(field.kind.expectation)")
    }
    if words.contains(given) { return given }
    let near = EditDistance.nearest(to: given, among: words).map { "; did you mean '\($0)'?" } ?? ""
    throw Mismatch(message: "\(node.given) was given; expected \(field.kind.expectation)\(near)")
  }

  private func resolve(_ path: String, planFolder: String, callerFolder: String) -> String {
    if path.hasPrefix("~/") { return NSHomeDirectory() + path.dropFirst() }
    let base = URL(filePath: isOverride ? callerFolder : planFolder, directoryHint: .isDirectory)
    return URL(filePath: path, relativeTo: base).standardizedFileURL.path
  }

  private func existingFile(_ name: String, planFolder: String, callerFolder: String) throws(Mismatch)
    -> String
  {
    let path = resolve(name, planFolder: planFolder, callerFolder: callerFolder)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      let folder = URL(filePath: path).deletingLastPathComponent().path
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let last = URL(filePath: path).lastPathComponent
      let near = EditDistance.nearest(to: last, among: names.sorted()).map { "; did you mean '\($0)'?" } ?? ""
      throw Mismatch(message: "'\(name)' was given, and there is no file at \(path)\(near)")
    }
    if isFolder.boolValue {
      throw Mismatch(message: "'\(name)' was given, and \(path) is a folder; expected a file")
    }
    return path
  }

  private func existingFolder(_ name: String, planFolder: String, callerFolder: String) throws(Mismatch)
    -> String
  {
    let path = resolve(name, planFolder: planFolder, callerFolder: callerFolder)
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      throw Mismatch(
        message: "'\(name)' was given, and there is no folder at \(path); expected \(field.kind.expectation)")
    }
    return path
  }

  /// The file that a grader's field names.
  func graderFile(planFolder: String, callerFolder: String) throws(Mismatch) -> GraderFile {
    let path = try existingFile(try text(), planFolder: planFolder, callerFolder: callerFolder)
    do throws(InvalidInput) { return try GraderFile(path) } catch {
      throw Mismatch(message: error.description)
    }
  }

  private func grader(planFolder: String, callerFolder: String) throws(Mismatch) -> JSONValue {
    switch node {
    case .mapping:
      let folder = origin.line == 0 ? callerFolder : planFolder
      do { return GraderDefinition.absolute(try JSONValue(yaml: node), folder: folder) } catch {
        throw Mismatch(message: "\(error)")
      }
    case .scalar:
      let file = try graderFile(planFolder: planFolder, callerFolder: callerFolder)
      return GraderDefinition.absolute(
        file.definition, folder: URL(filePath: file.path).deletingLastPathComponent().path)
    case .sequence, .alias: throw mismatch
    }
  }
}
