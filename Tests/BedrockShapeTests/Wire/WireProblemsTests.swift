import Gateway
import Records
import Testing

@testable import BedrockShape

/// A request can have more wrong with it than its sender wants to read.
struct WireProblemsTests {
  private func answer(_ problems: WireProblems) -> String {
    do {
      try problems.check()
      return ""
    } catch { return (error as? APIFailure)?.message ?? "\(error)" }
  }

  @Test func `unknown members are one sentence, however many they are`() {
    let many = JSONObject((0..<20_000).map { ("k\($0)", JSONValue.null) })
    let reader = WireReader(many, path: "a")
    reader.rejectOthers(than: ["one", "two"])
    let said = answer(reader.problems)
    #expect(
      said
        == "1 validation error detected: Value at 'a.{k0, k1, k2, k3, k4, k5, k6, k7, k8, k9 and 19990 more}' failed "
        + "to satisfy constraint: 20000 members are not known; known are one, two")
  }

  @Test func `one unknown member is named, and shortened where it is long`() {
    let reader = WireReader(JSONObject([("x", .null)]))
    reader.rejectOthers(than: ["one"])
    #expect(
      answer(reader.problems)
        == "1 validation error detected: Value at 'x' failed to satisfy constraint: Member is not known; known are one"
    )
    let long = WireReader(JSONObject([(String(repeating: "x", count: 1_000_000), .null)]))
    long.rejectOthers(than: ["one"])
    #expect(answer(long.problems).utf8.count < 1000)
  }

  @Test func `problems beyond fifty are counted, and not made`() {
    let problems = WireProblems()
    var made = 0
    func constraint() -> String {
      made += 1
      return "no"
    }
    for index in 0..<1000 { problems.add("v", at: "p[\(index)]", constraint()) }
    let said = answer(problems)
    #expect(said.hasPrefix("1000 validation errors detected: Value 'v' at 'p[0]'"))
    #expect(said.hasSuffix("; and 950 more"))
    #expect(made == 50)
  }
}
