/// What happens while a request is answered, in order within each choice.
package enum AnswerEvent: Sendable, Hashable {
  /// The prompt was read; once, first.
  case prompt(PromptReport)
  /// Text before the answer proper, without its tags.
  case reasoning(choice: Int, String)
  /// A piece of the answer: whole characters, and the tokens that it was made of. Text may lag behind tokens while a
  /// character or a possible stop string is not whole; tokens may come without text.
  case text(choice: Int, String, tokens: [AnswerToken])
  case toolCallBegan(choice: Int, index: Int, id: String, name: String)
  /// A piece of the JSON text of a call's arguments.
  case toolCallArguments(choice: Int, index: Int, String)
  case ended(choice: Int, FinishReason, ChoiceReport)
}

/// A prompt as the model saw it.
package struct PromptReport: Sendable, Hashable {
  package var tokens: [Int32]
  package var cached: Int
  /// Where `echoesPrompt` asked for it: each token's text and score.
  package var echoed: [AnswerToken]

  package init(tokens: [Int32], cached: Int, echoed: [AnswerToken] = []) {
    self.tokens = tokens
    self.cached = cached
    self.echoed = echoed
  }
}

/// A token of an answer: its id, the bytes it writes and how likely it was where it was drawn.
package struct AnswerToken: Sendable, Hashable {
  package var id: Int32
  package var bytes: [UInt8]
  /// nil for the first token of a prompt.
  package var logProbability: Float?
  package var top: [Alternative]
  /// Whether what it writes is part of the text: not that of an end of turn, nor that of a beginning which the model
  /// puts before a text.
  package var isShown = true

  package struct Alternative: Sendable, Hashable {
    package var id: Int32
    package var bytes: [UInt8]
    package var logProbability: Float

    package init(id: Int32, bytes: [UInt8], logProbability: Float) {
      self.id = id
      self.bytes = bytes
      self.logProbability = logProbability
    }
  }

  package init(id: Int32, bytes: [UInt8], logProbability: Float?, top: [Alternative] = []) {
    self.id = id
    self.bytes = bytes
    self.logProbability = logProbability
    self.top = top
  }

  /// Its text; bytes that are no whole character become the replacement character.
  package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// Why a choice ended.
package enum FinishReason: Sendable, Hashable {
  /// The model ended its turn, or the document that was asked for is whole.
  case stop
  case stopString(String)
  case length
  case toolCalls
}

/// What a choice took.
package struct ChoiceReport: Sendable, Hashable {
  /// All that were drawn, those of reasoning included.
  package var completionTokens: Int
  package var reasoningTokens: Int
  /// Every id that was drawn, the end of turn included.
  package var tokens: [Int32]

  package init(completionTokens: Int, reasoningTokens: Int, tokens: [Int32]) {
    self.completionTokens = completionTokens
    self.reasoningTokens = reasoningTokens
    self.tokens = tokens
  }
}

/// Why a request was not answered.
package struct InferenceError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    /// The request asks for what cannot be: 400.
    case invalid(param: String?)
    /// The prompt leaves no room: 400 with its own code.
    case contextLength
    /// No such model, or its files are gone.
    case unknownModel
    /// Too many wait already: 429, worth another try after so many seconds.
    case overloaded(retryAfter: Int)
    /// The worker died or failed.
    case failed
  }
  package var kind: Kind
  package var message: String
  /// Seconds after which what has failed is worth another try; nil where that is not known.
  package var retryAfter: Int?
  package var description: String { message }

  package init(_ kind: Kind, _ message: String, retryAfter: Int? = nil) {
    self.kind = kind
    self.message = message
    self.retryAfter = retryAfter
  }
}

/// Who answers: the pool of serving workers, or a script in tests.
package protocol Answering: Sendable {
  /// Begins to answer. Throws `InferenceError` before the first event; a stream that is dropped cancels the work.
  func answer(_ request: AnswerRequest, _ policy: PolicyReference) async throws(InferenceError)
    -> AsyncThrowingStream<AnswerEvent, any Error>

  /// The longest sequence of a base model, prompt and answer together.
  func contextLength(of base: String) async throws(InferenceError) -> Int
}
