import Records

/// Where judges are: what a definition's `endpoint` says, else what the environment says.
struct JudgeEndpoint: Sendable {
  /// How a judge is made to answer in a form.
  enum StructuredOutput: String, CaseIterable, Sendable {
    /// `response_format` with a schema; a server that refuses it is asked again without.
    case jsonSchema = "json_schema"
    /// `response_format: json_object` and the form in words.
    case jsonObject = "json_object"
    /// The form in words only.
    case prompt
  }
  static let keys = ["base_url", "structured_output", "extra_body"] + RemoteHeaders.keys
  let structuredOutput: StructuredOutput
  /// Members added to every request, such as `chat_template_kwargs`.
  let extraBody: JSONObject
  /// The endpoint, or why there is none, which is said when a grade is asked for and not before: a definition can be
  /// checked on a machine without the keys.
  let target: Result<RemoteEndpoint, GradeFailure>

  /// An answer of a judge is short; 4 MiB leave room for long reasoning.
  private static let byteLimit = 4 << 20
  /// What OpenAI's clients take when only the key is set.
  private static let openAI = "https://api.openai.com/v1"

  init(_ reader: DefinitionReader, limits: CallLimits) {
    var object = JSONObject()
    switch reader.object["endpoint"] {
    case .none, .null: break
    case .object(let given): object = given
    case .some(let other): reader.error("endpoint", "expected an object, found \(other.kind)")
    }
    let inside = reader.inside(object, path: reader.path(of: "endpoint"))
    inside.rejectKeys(besides: Self.keys, of: "the endpoint of a judge")
    structuredOutput = inside.choice("structured_output", default: .jsonSchema) ?? .jsonSchema
    extraBody = object["extra_body"]?.object ?? JSONObject()
    if let extra = object["extra_body"], extra.object == nil {
      inside.error("extra_body", "expected an object, found \(extra.kind)")
    }
    for key in ["model", "messages", "stream", "n", "response_format"] where extraBody[key] != nil {
      inside.error("extra_body.\(key)", "is set by the grader; leave it out")
    }
    target = Self.target(
      address: inside.address("base_url"), isGiven: object["base_url"] != nil,
      headers: RemoteHeaders(inside), environment: reader.surroundings.environment, limits: limits)
  }

  private static func target(
    address: RemoteAddress?, isGiven: Bool, headers: RemoteHeaders, environment: [String: String],
    limits: CallLimits
  ) -> Result<RemoteEndpoint, GradeFailure> {
    do throws(RemoteHeaders.Unset) {
      var secret = try headers.secret()
      var base = address
      var limits = limits
      if !isGiven {
        switch standard(environment) {
        case .failure(let failure): return .failure(failure)
        case .success(let standard):
          base = standard.address
          limits.patience = patience(environment)
          // A key of the environment goes only to the address of the environment.
          if !headers.namesKey, let key = standard.key { secret["authorization"] = "Bearer \(key)" }
        }
      }
      guard let base else { return .failure(missing) }
      return .success(
        RemoteEndpoint(
          base.appending("/chat/completions"), secretHeaders: secret, limits: limits, byteLimit: byteLimit))
    } catch {
      return .failure(
        GradeFailure(
          .modelServer,
          "the environment variable \(error.variable), which the definition's endpoint names, is not set; set it",
          cause: .couldNotStart))
    }
  }

  /// Seconds that the judge of the environment is waited for when it is not there, as `OPERANT_JUDGE_PATIENCE` says.
  private static func patience(_ environment: [String: String]) -> Double {
    let seconds = environment["OPERANT_JUDGE_PATIENCE"].flatMap(Double.init) ?? 0
    return seconds.isFinite ? min(max(0, seconds), 604_800) : 0
  }

  private static func standard(_ environment: [String: String])
    -> Result<(address: RemoteAddress, key: String?), GradeFailure>
  {
    func given(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let key = given("OPENAI_API_KEY")
    for name in ["OPERANT_JUDGE_URL", "OPENAI_BASE_URL"] {
      guard let text = given(name) else { continue }
      do throws(RemoteAddress.Problem) {
        let address = try RemoteAddress(text)
        return .success((address, name == "OPERANT_JUDGE_URL" ? given("OPERANT_JUDGE_API_KEY") ?? key : key))
      } catch {
        return .failure(GradeFailure(.modelServer, "\(name) \(error.clause)", cause: .couldNotStart))
      }
    }
    guard let key else { return .failure(missing) }
    do throws(RemoteAddress.Problem) {
      return .success((try RemoteAddress(openAI), key))
    } catch {
      return .failure(missing)
    }
  }

  private static let missing = GradeFailure(
    .modelServer,
    "there is no judge to ask: set endpoint.base_url in the grader, or OPERANT_JUDGE_URL or OPENAI_BASE_URL "
      + "in the environment (OPENAI_API_KEY alone means OpenAI's service)",
    cause: .couldNotStart)
}
