import Records
import Testing

@testable import Inference

struct ChoiceReaderTests {
  /// What a choice came to.
  struct Outcome: Equatable {
    var reasoning = ""
    var text = ""
    var calls: [String] = []
    var tokens: [Int32] = []
    var finish: FinishReason?
    var report: ChoiceReport?

    mutating func take(_ event: AnswerEvent) {
      switch event {
      case .prompt: break
      case .reasoning(_, let more): reasoning += more
      case .text(_, let more, let tokens):
        text += more
        self.tokens += tokens.map(\.id)
      case .toolCallBegan(_, let index, let id, let name):
        #expect(index == calls.count)
        #expect(id.hasPrefix("call_"))
        calls.append(name + ":")
      case .toolCallArguments(_, let index, let more): calls[index] += more
      case .ended(_, let reason, let report):
        #expect(finish == nil)
        finish = reason
        self.report = report
      }
    }
  }

  private static let tool: JSONValue = [
    "type": "function", "function": ["name": "add", "parameters": ["type": "object"]],
  ]

  private static func request(_ change: (inout AnswerRequest) -> Void = { _ in }) -> AnswerRequest {
    var request = AnswerRequest(
      prompt: .conversation([Message(.user, "?")], tools: [], templateVariables: JSONObject()))
    change(&request)
    return request
  }

  private static func read(
    _ ids: [Int32], _ request: AnswerRequest, _ mode: ReasoningSplitter.Mode = .never,
    _ end: ServeEvent.EndReason = .stop
  ) throws -> (Outcome, read: Int) {
    var reader = ChoiceReader(
      choice: 0, try ByteModel.text(ByteModel.thinkingTemplate), request, mode, endIDs: [ByteModel.end])
    var outcome = Outcome()
    var count = 0
    for id in ids where !reader.hasEnded {
      count += 1
      for event in reader.take(AnswerToken(id: id, bytes: [], logProbability: nil)) { outcome.take(event) }
    }
    for event in reader.end(end) { outcome.take(event) }
    return (outcome, count)
  }

  @Test func `tokens become text in whole characters, and the end of turn writes nothing`() throws {
    let ids = try ByteModel.ids("Grüße 👋") + [ByteModel.end]
    var reader = ChoiceReader(
      choice: 0, try ByteModel.text(), Self.request(), .never, endIDs: [ByteModel.end])
    var pieces: [String] = []
    for id in ids {
      for case .text(_, let text, let tokens) in reader.take(
        AnswerToken(id: id, bytes: [], logProbability: nil))
      {
        #expect(tokens.map(\.id) == [id])
        if !text.isEmpty { pieces.append(text) }
      }
    }
    #expect(pieces == ["G", "r", "ü", "ß", "e", " ", "👋"])
    let (outcome, _) = try Self.read(ids, Self.request())
    #expect(outcome.text == "Grüße 👋")
    #expect(outcome.tokens == ids)
    #expect(outcome.finish == .stop)
    #expect(
      outcome.report == ChoiceReport(completionTokens: ids.count, reasoningTokens: 0, tokens: ids))
  }

  @Test func `special tokens are text only where they are asked for`() throws {
    let ids = try ByteModel.ids("a<|im_start|>b") + [ByteModel.end]
    #expect(try Self.read(ids, Self.request()).0.text == "ab")
    #expect(try Self.read(ids, Self.request { $0.keepsSpecialTokens = true }).0.text == "a<|im_start|>b")
  }

  @Test func `a stop string ends a choice before the model is done`() throws {
    let ids = try ByteModel.ids("one. two. three")
    let (outcome, count) = try Self.read(ids, Self.request { $0.stop = [" tw"] })
    #expect(outcome.text == "one.")
    #expect(outcome.finish == .stopString(" tw"))
    #expect(count == 7)
    #expect(outcome.report?.completionTokens == 7)
  }

  @Test func `a stop string in the thinking ends nothing`() throws {
    let ids = try ByteModel.ids("<think>\nstop? no.\n</think>\n\nYes. stop!")
    let (outcome, _) = try Self.read(ids, Self.request { $0.stop = ["stop"] }, .mayBegin)
    #expect(outcome.reasoning == "stop? no.")
    #expect(outcome.text == "Yes. ")
    #expect(outcome.finish == .stopString("stop"))
    // The tags, what is between them, and nothing behind them.
    #expect(outcome.report?.reasoningTokens == 2 + "\nstop? no.\n".utf8.count)
  }

  @Test(arguments: [
    (#"{"a": "b"}"#, "\"", "{", FinishReason.length),
    (#"{"a": "b"}"#, "}", #"{"a": "b""#, .length),
    (#"{"a": "b"} "#, " ", #"{"a":"#, .length),
    (#"{"a":"b"} "#, " ", #"{"a":"b"}"#, .stopString(" ")),
    (#"{"a": "b"}"#, "x", #"{"a": "b"}"#, .stop),
  ])
  func `a stop string that cuts a document is told as a limit is`(
    _ answer: String, _ stop: String, _ text: String, _ finish: FinishReason
  ) throws {
    let ids = try ByteModel.ids(answer) + [ByteModel.end]
    for format in [AnswerRequest.Format.jsonObject, .jsonSchema(name: "x", schema: "{}")] {
      let (outcome, _) = try Self.read(
        ids,
        Self.request {
          $0.stop = [stop]
          $0.format = format
        })
      #expect(outcome.text == text)
      #expect(outcome.finish == finish)
    }
    // Where no document was asked for there is none to be whole.
    let plain = try Self.read(ids, Self.request { $0.stop = [stop] }).0
    #expect(plain.finish == (finish == .stop ? .stop : .stopString(stop)))
  }

  @Test func `a stop string that cuts a call is told as a limit is`() throws {
    let ids = try ByteModel.ids("<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1}}</tool_call>!")
    for (stop, finish) in [("1", FinishReason.length), ("!", .toolCalls)] {
      let request = Self.request {
        $0.prompt = .conversation(
          [Message(.user, "?")], tools: [Self.tool], templateVariables: JSONObject())
        $0.stop = [stop]
      }
      let (outcome, _) = try Self.read(ids, request)
      #expect(outcome.calls.count == 1)
      #expect(outcome.finish == finish)
    }
    // A call that must be made, cut before it has begun.
    let request = Self.request {
      $0.prompt = .conversation(
        [Message(.user, "?")], tools: [Self.tool], templateVariables: JSONObject())
      $0.toolChoice = .required
      $0.stop = ["name"]
    }
    #expect(try Self.read(ids, request).0.finish == .length)
  }

  @Test func `tokens say whether they are part of the text`() throws {
    let ids = try ByteModel.ids("a<|im_start|>b") + [ByteModel.end]
    var reader = ChoiceReader(
      choice: 0, try ByteModel.text(), Self.request(), .never, endIDs: [ByteModel.end])
    var shown: [Bool] = []
    for id in ids {
      for case .text(_, _, let tokens) in reader.take(AnswerToken(id: id, bytes: [], logProbability: nil)) {
        shown += tokens.map(\.isShown)
      }
    }
    #expect(shown == [true, false, true, false])
  }

  @Test func `calls are told while they come, and the answer ends in them`() throws {
    let ids = try ByteModel.ids(
      "I add.\n<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1}}\n</tool_call>")
    let request = Self.request {
      $0.prompt = .conversation([Message(.user, "?")], tools: [Self.tool], templateVariables: JSONObject())
    }
    let (outcome, _) = try Self.read(ids + [ByteModel.end], request)
    #expect(outcome.text == "I add.")
    #expect(outcome.calls == ["add:{\"a\": 1}"])
    #expect(outcome.finish == .toolCalls)
    #expect(outcome.tokens == ids + [ByteModel.end])
    #expect(try Self.read(Array(ids.dropLast(8)), request, .never, .length).0.finish == .length)

    var silent = request
    silent.toolChoice = .none
    let words = try Self.read(ids + [ByteModel.end], silent).0
    #expect(words.calls == [])
    #expect(words.finish == .stop)
  }

  @Test func `where one call is allowed, the choice ends behind it`() throws {
    let call = "<tool_call>{\"name\": \"add\", \"arguments\": {}}</tool_call>"
    let ids = try ByteModel.ids(call + call)
    var request = Self.request {
      $0.prompt = .conversation([Message(.user, "?")], tools: [Self.tool], templateVariables: JSONObject())
    }
    #expect(try Self.read(ids, request).0.calls.count == 2)
    request.allowsParallelToolCalls = false
    let (outcome, count) = try Self.read(ids, request)
    #expect(outcome.calls == ["add:{}"])
    #expect(outcome.finish == .toolCalls)
    #expect(count < ids.count)
  }
}
