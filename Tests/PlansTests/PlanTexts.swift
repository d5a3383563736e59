import Foundation
import Plans
import Records

/// The least plan that is whole: seven lines.
let smallPlan = """
  data:
    generate:
      dataset: support-reply
  grader:
    type: string_check
    name: same
    operation: eq
    input: "{{sample.output_text}}"
    reference: "{{item.answer}}"
  """

/// Reads a text as if it stood in an empty folder.
func read(_ text: String, overrides: [String] = [], folder: String = "/nowhere") -> PlanReading {
  PlanReader(file: "plan.yaml", folder: folder, callerFolder: "/nowhere").read(text, overrides: overrides)
}

/// A folder for one test, removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "plans-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// The root of the package, from this file's place in it.
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()
