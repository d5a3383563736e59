internal import Foundation
internal import Graders
internal import Records

extension Plan {
  /// What the plan's grader may refer to; the files it names are whole paths by now.
  var graderSurroundings: GraderSurroundings {
    GraderSurroundings(
      isolation: unsafeNoSandbox ? .unsafe : .sandboxed, environment: ProcessInfo.processInfo.environment)
  }

  /// The grader without its demands on form; nil when it has none.
  var lenientGrading: GradingStage? {
    get throws {
      try LenientDefinition.of(grader).map {
        GradingStage(try GraderCompiler.compile($0, surroundings: graderSurroundings))
      }
    }
  }
}
