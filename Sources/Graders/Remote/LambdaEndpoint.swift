import Foundation
import Records

/// Calls a function by AWS's Invoke (`POST /2015-03-31/functions/{name}/invocations`), unsigned: at the runtime
/// interface emulator, at a local stand-in for Lambda, or at a proxy that signs.
struct LambdaEndpoint: Sendable {
  static let keys = ["function", "endpoint_url"] + RemoteHeaders.keys + CallLimits.keys
  /// A synchronous invocation takes and gives at most 6 MB.
  static let payloadLimit = 6_000_000
  /// A Lambda runs for at most 15 minutes.
  private static let limits = CallLimits(timeout: 300, deadline: 900, retries: 3, concurrency: 12)
  private let function: String
  /// The endpoint, or why it cannot be called, which is said when a grade is asked for.
  private let target: Result<RemoteEndpoint, GradeFailure>

  /// Reads the members of `lambda`; nil when something was reported.
  init?(_ reader: DefinitionReader) {
    let function = reader.requiredString("function", "the name or ARN of the function")
    if let function, !Self.isName(function) {
      reader.error(
        "function",
        "'\(function)' is neither a function's name (letters, digits, '-', '_') nor an ARN "
          + "(arn:aws:lambda:<region>:<account>:function:<name>)")
    }
    let headers = RemoteHeaders(reader)
    let limits = CallLimits(reader, default: Self.limits)
    let address = reader.address("endpoint_url")
    guard let function, reader.object["endpoint_url"] == nil || address != nil else { return nil }
    self.function = function
    let path = "/2015-03-31/functions/\(Self.escaped(function))/invocations"
    switch address.map(Result.success) ?? Self.standard(reader.surroundings.environment) {
    case .failure(let failure): target = .failure(failure)
    case .success(let base):
      target = headers.endpoint(
        base.appending(path), limits: limits, byteLimit: Self.payloadLimit, failureKind: .other)
    }
  }

  /// AWS's own variables for other endpoints.
  private static func standard(_ environment: [String: String]) -> Result<RemoteAddress, GradeFailure> {
    for name in ["AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL"] {
      guard let text = environment[name], !text.isEmpty else { continue }
      do throws(RemoteAddress.Problem) {
        return .success(try RemoteAddress(text))
      } catch {
        return .failure(GradeFailure(.other, "\(name) \(error.clause)", cause: .couldNotStart))
      }
    }
    return .failure(
      GradeFailure(
        .other,
        "there is no Lambda to call: set lambda.endpoint_url in the grader, or AWS_ENDPOINT_URL_LAMBDA in the "
          + "environment. AWS itself cannot be called, as requests are not signed",
        cause: .couldNotStart))
  }

  func invoke(_ event: JSONValue) async throws(LambdaFailure) -> JSONValue {
    let remote: RemoteEndpoint
    switch target {
    case .success(let endpoint): remote = endpoint
    case .failure(let failure): throw .answer(failure)
    }
    let answer: (json: JSONValue, isError: Bool)
    do throws(HTTPFailure) {
      answer = try await remote.post(
        Array(event.serialised().utf8), headers: ["x-amz-invocation-type": "RequestResponse"]
      ) { reply throws(HTTPFailure) in
        (try JSONValue(reply: reply.body), reply.headers["x-amz-function-error"] != nil)
      }
    } catch {
      throw .answer(error.gradeFailure(.other, of: "the Lambda '\(function)' at \(remote.shown)"))
    }
    // The runtime interface emulator reports an exception by the payload alone.
    guard answer.isError || answer.json["errorMessage"] != nil else { return answer.json }
    let kind = answer.json["errorType"]?.string ?? "an error"
    let said = (answer.json["errorMessage"]?.string ?? answer.json.serialised()).tail
    throw .function(
      GradeFailure(.other, "the Lambda '\(function)' failed with \(kind): \(said)", cause: .raised))
  }

  private static func isName(_ text: String) -> Bool {
    let name =
      #/(arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:function:)?[A-Za-z0-9_.-]{1,170}(:[$A-Za-z0-9_-]+)?/#
    return text.wholeMatch(of: name) != nil
  }

  private static func escaped(_ function: String) -> String {
    function.replacing(":", with: "%3A").replacing("$", with: "%24")
  }
}
