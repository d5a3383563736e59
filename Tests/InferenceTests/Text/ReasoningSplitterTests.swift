import Testing

@testable import Inference

struct ReasoningSplitterTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let mode: ReasoningSplitter.Mode, text: String, reasoning: String, answer: String
    var testDescription: String { "\(mode): '\(text)'" }
  }

  static let cases = [
    Case(mode: .never, text: "<think>a</think>b", reasoning: "", answer: "<think>a</think>b"),
    Case(mode: .mayBegin, text: "<think>\nwell\n</think>\n\nYes.", reasoning: "well", answer: "Yes."),
    Case(mode: .mayBegin, text: "\n<think>a\n\nb</think>c", reasoning: "a\n\nb", answer: "c"),
    Case(mode: .mayBegin, text: "Yes. <think>no</think>", reasoning: "", answer: "Yes. <think>no</think>"),
    Case(mode: .mayBegin, text: "  plain", reasoning: "", answer: "  plain"),
    Case(mode: .mayBegin, text: "<thin", reasoning: "", answer: "<thin"),
    Case(mode: .mayBegin, text: "<think>cut off </thi", reasoning: "cut off </thi", answer: ""),
    Case(mode: .hasBegun, text: "\nso\n</think>\n\n{}", reasoning: "so", answer: "{}"),
    Case(mode: .hasBegun, text: "</think>x</think>", reasoning: "", answer: "x</think>"),
    Case(mode: .mayBegin, text: "", reasoning: "", answer: ""),
  ]

  @Test(arguments: cases)
  func `thinking is told from the answer, however the text is cut`(_ example: Case) {
    for cut in Cuts.of(example.text) {
      var splitter = ReasoningSplitter(example.mode)
      var (reasoning, answer) = ("", "")
      for piece in cut.flatMap({ splitter.push($0) }) + splitter.finish() {
        switch piece {
        case .reasoning(let text): reasoning += text
        case .answer(let text): answer += text
        }
      }
      #expect(reasoning == example.reasoning, "\(cut)")
      #expect(answer == example.answer, "\(cut)")
    }
  }
}
