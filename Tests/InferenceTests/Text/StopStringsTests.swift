import Testing

@testable import Inference

struct StopStringsTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let stops: [String], text: String, expected: String, match: String?
    var testDescription: String { "\(stops) in '\(text)'" }
  }

  static let cases = [
    Case(stops: [], text: "all of it", expected: "all of it", match: nil),
    Case(stops: ["STOP"], text: "go on STOP here", expected: "go on ", match: "STOP"),
    Case(stops: ["STOP"], text: "go STO", expected: "go STO", match: nil),
    Case(stops: ["aab"], text: "aaaab", expected: "aa", match: "aab"),
    // The first that is complete wins, though another began before it.
    Case(stops: ["abcd", "c"], text: "xabcd", expected: "xab", match: "c"),
    // Of two that are complete in one place, the longer.
    Case(stops: ["b", "ab"], text: "xab", expected: "x", match: "ab"),
    Case(stops: ["\n\n"], text: "a\nb\n\nc", expected: "a\nb", match: "\n\n"),
    Case(stops: ["ß€"], text: "x ß€ y", expected: "x ", match: "ß€"),
    Case(stops: ["", "x"], text: "abx", expected: "ab", match: "x"),
    Case(stops: ["x"], text: "x", expected: "", match: "x"),
  ]

  @Test(arguments: cases)
  func `a text ends where a stop string is complete, however it is cut`(_ example: Case) {
    for cut in Cuts.of(example.text) {
      var stops = StopStrings(example.stops)
      var text = ""
      for piece in cut { text += stops.push(piece) }
      if stops.match == nil { text += stops.finish() }
      #expect(text == example.expected, "\(cut)")
      #expect(stops.match == example.match, "\(cut)")
    }
  }

  @Test func `only what may begin a stop string is held back`() {
    var stops = StopStrings(["END"])
    #expect(stops.push("the E") == "the ")
    #expect(stops.push("N") == "")
    #expect(stops.push("d ") == "ENd ")
  }
}
