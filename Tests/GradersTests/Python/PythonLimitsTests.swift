import Records
import Testing

@testable import Graders

struct PythonLimitsTests {
  @Test(arguments: [("", 120.0), (#", "timeout": 5"#, 5)])
  func `a call may take as long as OpenAI's, or as long as its definition says`(
    _ more: String, _ seconds: Double
  ) throws {
    let definition = #"{"type": "python", "source": "def grade(sample, item): return 1"\#(more)}"#
    let grader = try GraderCompiler.compile(
      try JSONValue(parsing: definition), surroundings: GraderSurroundings())
    #expect((grader as? PythonGrader)?.limits.wallSeconds == seconds)
  }
}
