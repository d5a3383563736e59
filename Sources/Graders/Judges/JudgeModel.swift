import Records
import Synchronization

/// Asks a model for a verdict: an object with a `result`, read out of its answer.
///
/// Every form that is asked for is the same: `{"steps": [{"description", "conclusion"}], "result": ...}`, as OpenAI's
/// graders ask for it. The steps come first, so that the result follows from them.
struct JudgeModel: Sendable {
  /// A verdict with what it cost, or why there is none, with what that cost.
  struct Outcome<Verdict: Sendable>: Sendable {
    var verdict: Result<Verdict, GradeFailure>
    var tokens: [String: JudgeTokens] = [:]
    /// How often the judge was asked until its answer could be read; 0 when the answer was in the cache.
    var tries = 0
    /// The end of its last answer.
    var tail = ""
  }
  static let keys =
    ["model", "sampling_params", "endpoint", "cache", "parse_retries"] + CallLimits.keys

  private let model: String
  private let sampling: SamplingParameters
  private let endpoint: JudgeEndpoint
  private let cache: JudgeCache?
  private let parseRetries: Int
  /// Whether the server has refused `response_format`; asked once, remembered.
  private let refusesForm = SharedFlag()

  /// Reads the fields that all model graders have; nil when the model is missing.
  init?(_ reader: DefinitionReader) {
    let model = reader.requiredString("model", "the name of the judge's model")
    if model?.isEmpty == true { reader.error("model", "is empty; expected the name of the judge's model") }
    sampling = SamplingParameters(reader)
    let limits = CallLimits(
      reader, default: CallLimits(timeout: 120, deadline: 300, retries: 3, concurrency: 16))
    endpoint = JudgeEndpoint(reader, limits: limits)
    cache = JudgeCache.read(reader)
    parseRetries = reader.count("parse_retries") ?? 2
    if parseRetries > 10 { reader.error("parse_retries", "is \(parseRetries); expected at most 10") }
    guard let model else { return nil }
    self.model = model
  }

  /// Asks until an answer can be read.
  ///
  /// - Parameters:
  ///   - form: what `result` is.
  ///   - read: the verdict in an answer's text; nil when there is none.
  func ask<Verdict: Sendable>(
    _ messages: [JSONValue], _ form: VerdictForm, read: @Sendable (String) -> Verdict?
  ) async -> Outcome<Verdict> {
    let remote: RemoteEndpoint
    switch endpoint.target {
    case .success(let endpoint): remote = endpoint
    case .failure(let failure): return Outcome(verdict: .failure(failure))
    }
    // The form in which the judge would be asked at best: what the server makes of it must not change the key.
    let key = JudgeCache.key(
      address: remote.shown, body: body(messages, form, as: endpoint.structuredOutput, isReminded: false))
    if let known = cache?[key], let verdict = read(known) {
      return Outcome(verdict: .success(verdict), tail: known.tail)
    }
    var outcome = Outcome<Verdict>(verdict: .failure(unread("", form)))
    for attempt in 0...parseRetries {
      outcome.tries += 1
      let reply: ChatCompletionReply
      do throws(HTTPFailure) {
        reply = try await complete(messages, form, isReminded: attempt > 0, at: remote)
      } catch {
        outcome.verdict = .failure(error.gradeFailure(.modelServer, of: "the judge at \(remote.shown)"))
        return outcome
      }
      outcome.tokens[reply.model, default: JudgeTokens()] =
        outcome.tokens[reply.model, default: JudgeTokens()] + reply.tokens
      outcome.tail = reply.text.tail
      if let refusal = reply.refusal {
        outcome.verdict = .failure(
          GradeFailure(.modelRefusal, "the judge declined: \(refusal.tail)", cause: .refused))
        return outcome
      }
      if let verdict = read(reply.text) {
        cache?.keep(reply.text, for: key)
        outcome.verdict = .success(verdict)
        return outcome
      }
      outcome.verdict = .failure(unread(reply.text, form, isTruncated: reply.isTruncated))
    }
    return outcome
  }

  private func unread(_ text: String, _ form: VerdictForm, isTruncated: Bool = false) -> GradeFailure {
    let found =
      isTruncated
      ? "the token limit cut the judge's answer off; raise sampling_params.max_completions_tokens"
      : "the judge's answer holds no result"
    let tries = parseRetries == 0 ? "once" : "\(parseRetries + 1) times"
    let end = text.isEmpty ? "; it was empty" : "; it ends with: \(text.tail)"
    return GradeFailure(
      .modelParse, "\(found) (asked \(tries), expected \(form.words))\(end)", cause: .malformed)
  }

  private func complete(
    _ messages: [JSONValue], _ form: VerdictForm, isReminded: Bool, at remote: RemoteEndpoint
  ) async throws(HTTPFailure) -> ChatCompletionReply {
    var mode = endpoint.structuredOutput
    if refusesForm.isSet { mode = .prompt }
    do throws(HTTPFailure) {
      return try await post(body(messages, form, as: mode, isReminded: isReminded), to: remote)
    } catch {
      guard mode != .prompt, error.isRefusalOfForm else { throw error }
      refusesForm.set()
      return try await post(body(messages, form, as: .prompt, isReminded: isReminded), to: remote)
    }
  }

  private func post(_ body: JSONValue, to remote: RemoteEndpoint) async throws(HTTPFailure)
    -> ChatCompletionReply
  {
    let model = model
    return try await remote.post(Array(body.serialised().utf8)) { reply throws(HTTPFailure) in
      try ChatCompletionReply(reply.body, askedFor: model)
    }
  }

  /// The request. The form is put in words where no schema is sent, and when an answer before could not be read.
  private func body(
    _ messages: [JSONValue], _ form: VerdictForm, as mode: JudgeEndpoint.StructuredOutput, isReminded: Bool
  ) -> JSONValue {
    var messages = messages
    if mode != .jsonSchema || isReminded {
      Self.add(form.instruction, to: &messages)
    }
    var body = JSONObject([("model", .string(model)), ("messages", .array(messages))])
    for (name, value) in sampling.fields { body[name] = value }
    switch mode {
    case .jsonSchema: body["response_format"] = form.responseFormat
    case .jsonObject: body["response_format"] = ["type": "json_object"]
    case .prompt: break
    }
    for (name, value) in endpoint.extraBody.members { body[name] = value }
    return .object(body)
  }

  /// Puts the instruction at the end of the last message where that is the user's: many chat templates want the
  /// speakers to take turns.
  private static func add(_ instruction: String, to messages: inout [JSONValue]) {
    if let last = messages.last, last["role"] == "user", let text = last["content"]?.string {
      messages[messages.count - 1] = ["role": "user", "content": .string(text + "\n\n" + instruction)]
    } else {
      messages.append(["role": "user", "content": .string(instruction)])
    }
  }
}

extension HTTPFailure {
  /// Whether a server says that it does not know `response_format`, or not this one.
  fileprivate var isRefusalOfForm: Bool {
    guard case .status(let status, let tail) = self, [400, 404, 415, 422, 500, 501].contains(status) else {
      return false
    }
    let words = [
      "response_format", "json_schema", "json_object", "structured", "guided", "grammar", "schema",
    ]
    let text = tail.lowercased()
    return words.contains(where: text.utf8Contains)
  }
}

/// Something that, once seen, stays so.
private final class SharedFlag: Sendable {
  private let flag = Atomic(false)
  var isSet: Bool { flag.load(ordering: .relaxed) }
  func set() { flag.store(true, ordering: .relaxed) }
}

extension String {
  /// The last 300 bytes in one line, for messages.
  var tail: String {
    let words = suffix300.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    return utf8.count > 300 ? "…" + words : words
  }
  private var suffix300: String {
    utf8.count > 300 ? String(decoding: utf8.suffix(300), as: UTF8.self) : self
  }
}
