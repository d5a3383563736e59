import Inference
import Records
import Testing

@testable import OpenAIShape

struct CompletionChoiceTests {
  private static func token(_ text: String, isShown: Bool = true) -> AnswerToken {
    var token = AnswerToken(id: 1, bytes: Array(text.utf8), logProbability: -1)
    token.isShown = isShown
    return token
  }

  @Test func `offsets count the characters of the text, and nothing that is not in it`() throws {
    let options = WireOptions(FieldReader(JSONObject(), problems: RequestProblems()))
    let tokens = [
      Self.token("<|begin_of_text|>", isShown: false), Self.token("Grü"), Self.token("ße"),
      Self.token("<|eot|>", isShown: false), Self.token("2"),
    ]
    func offsets(_ json: JSONValue?) -> [Int]? { json?["text_offset"]?.array?.compactMap(\.integer) }
    #expect(offsets(CompletionLogProbabilities.json(tokens, options)) == [0, 0, 3, 5, 5])

    // A stream goes on counting where its last chunk has ended.
    var told = options
    told.logProbabilities = true
    var stream = CompletionStream(
      head: CompletionStream.head(id: "x", created: 0, model: "m"), told,
      prompt: PromptReport(tokens: [1], cached: 0, echoed: Array(tokens.prefix(2))),
      first: 0, choices: 1)
    var chunks = stream.opening(echoing: "Grü")
    let next = stream.chunk(.text(choice: 0, "ße", tokens: [tokens[2]]))
    chunks.append(try #require(next))
    let found = try chunks.map { chunk in
      let json = try JSONValue(parsing: chunk)
      return offsets(json["choices"]?.array?.first?["logprobs"])
    }
    #expect(found == [[0, 0], [3]])
  }
}
