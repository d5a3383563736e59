internal import Foundation
internal import Records

/// What stands for Lambda functions, as graders' definitions.
enum LambdaDefinitions {
  /// Throws `ServiceFailure` for a file that holds no definition.
  static func read(_ graders: ServiceSettings.Graders) throws(ServiceFailure) -> [String: JSONValue] {
    var definitions: [String: JSONValue] = [:]
    for (name, lambda) in graders.lambdas {
      switch lambda {
      case .definition(let definition): definitions[name] = definition
      case .handler(let path):
        definitions[name] = [
          "type": "lambda", "name": .string(label(name)), "lambda": ["file": .string(path)],
        ]
      case .endpoint(let url):
        definitions[name] = [
          "type": "lambda", "name": .string(label(name)),
          "lambda": ["function": .string(name), "endpoint_url": .string(url)],
        ]
      case .file(let path):
        guard let bytes = FileManager.default.contents(atPath: path) else {
          throw ServiceFailure("graders.lambdas: the file for '\(name)' cannot be read: \(path)")
        }
        do throws(JSONSyntaxError) { definitions[name] = try JSONValue(parsing: Array(bytes)) } catch {
          throw ServiceFailure("graders.lambdas: the file for '\(name)' is not JSON: \(path): \(error)")
        }
      }
    }
    return definitions
  }

  /// The function's name, where an ARN was given, with letters and digits alone.
  private static func label(_ name: String) -> String {
    let last = name.split(separator: ":").last.map(String.init) ?? name
    return String(last.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }
}
