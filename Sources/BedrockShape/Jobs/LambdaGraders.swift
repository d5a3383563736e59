internal import Foundation
internal import Records

/// What a `lambdaArn` stands for: Bedrock calls a function, and here it may be anything that grades.
struct LambdaGraders: Sendable {
  let settings: BedrockSettings

  /// The grader's definition, or why there is none as a sentence.
  func definition(of arn: String) -> Result<JSONValue, Missing> {
    let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
    let name = parts.count > 6 ? String(parts[6]) : arn
    // With its version first, then without.
    let names = [arn, parts.prefix(7).joined(separator: ":"), name]
    guard let target = names.lazy.compactMap({ settings.lambdas[$0] }).first else {
      if let endpoint = settings.lambdaEndpoint { return .success(Self.call(arn, at: endpoint)) }
      return .failure(
        Missing(
          message:
            "there is no function '\(name)' here: name it in the service's settings (graders.lambdas: the ARN or "
            + "'\(name)' with a grader's definition, a handler file or a Lambda endpoint), or set graders.lambda_endpoint"
        ))
    }
    switch target {
    case .grader(let definition): return .success(definition)
    case .endpoint(let url): return .success(Self.call(arn, at: url))
    case .handler(let path):
      return .success([
        "type": "lambda", "name": .string(Self.label(name)), "lambda": ["file": .string(path)],
      ])
    case .definition(let path):
      guard let bytes = FileManager.default.contents(atPath: path) else {
        return .failure(Missing(message: "the grader's file for '\(name)' cannot be read: \(path)"))
      }
      do throws(JSONSyntaxError) { return .success(try JSONValue(parsing: Array(bytes))) } catch {
        return .failure(Missing(message: "the grader's file for '\(name)' is not JSON: \(path): \(error)"))
      }
    }
  }

  struct Missing: Error, Sendable, Hashable {
    var message: String
  }

  private static func call(_ arn: String, at endpoint: String) -> JSONValue {
    [
      "type": "lambda", "name": .string(label(String(arn.split(separator: ":").last ?? "lambda"))),
      "lambda": ["function": .string(arn), "endpoint_url": .string(endpoint)],
    ]
  }

  private static func label(_ name: String) -> String {
    String(decoding: name.utf8.map { WireForm.isLetterOrDigit($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
  }
}
