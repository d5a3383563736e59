import ArgumentParser
import Foundation
import Graders
import Plans
import Records

/// The grader that a command tries.
struct GraderOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The grader's definition, a JSON or YAML file.", valueName: "file"))
  var grader: String
  @Flag(help: "Run code that graders name or answers contain without a sandbox, with your rights.")
  var unsafeNoSandbox = false

  /// The file; its problems are a `CommandFailure` with file and line.
  func file() throws(CommandFailure) -> GraderFile {
    do throws(InvalidInput) { return try GraderFile(grader) } catch { throw CommandFailure(error) }
  }

  var surroundings: GraderSurroundings {
    GraderSurroundings(
      folder: (grader as NSString).deletingLastPathComponent,
      isolation: unsafeNoSandbox ? .unsafe : .sandboxed,
      environment: ProcessInfo.processInfo.environment)
  }

  /// The compiled grader, and what is worth a word though it is no error.
  func compiled() throws(CommandFailure) -> (grader: any Grader, warnings: [Diagnostic]) {
    let file = try file()
    do throws(InvalidInput) { return try file.compiled(surroundings: surroundings) } catch {
      throw CommandFailure(error)
    }
  }
}
