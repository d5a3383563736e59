import Gateway
import Records
import Testing

@testable import OpenAIShape

struct RequestProblemsTests {
  @Test func `problems beyond fifty are counted, and not told`() {
    let problems = RequestProblems()
    let object = JSONObject((0..<1000).map { ("k\($0)", JSONValue.null) })
    FieldReader(object, problems: problems).rejectKeys(besides: ["one"])
    let failure = #expect(throws: APIFailure.self) { try problems.check() }
    let lines = failure?.message.split(separator: "\n") ?? []
    #expect(lines.count == 52)
    #expect(lines.first == "1000 things are wrong with this request:")
    #expect(lines.last == "- and 950 more")
    #expect(failure?.param == "k0")
  }
}
