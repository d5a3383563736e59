import Inference
import Testing

struct AnswerTokenTests {
  @Test func `a token that holds half a character has a text all the same`() {
    #expect(AnswerToken(id: 1, bytes: Array("ab".utf8), logProbability: nil).text == "ab")
    #expect(AnswerToken(id: 1, bytes: [0xC3], logProbability: -1).text == "\u{FFFD}")
  }
}
