import Records

/// A file with a `lambda_handler(event, context)`, run in the sandbox as it is; each batch has a process of its own.
///
/// The context is None: what AWS puts there says nothing of an answer.
struct LambdaHandlerFile: LocalLambda {
  static let keys = ["file", "python", "folders", "timeout", "memory_mb"]

  private let call: PythonCall
  private let python: SandboxPython
  private let limits: SandboxLimits
  private let pool: SandboxPool

  /// Reads the `lambda` object of a definition; nil when something was reported.
  init?(_ reader: DefinitionReader) {
    if reader.object["function"] != nil {
      reader.error("file", "given beside 'function'; keep one of them")
    }
    let python = reader.surroundings.python(reader.string("python"), folders: reader.folders("folders"))
    let seconds = reader.number("timeout", excludingLowest: true) ?? 60
    let megabytes = reader.number("memory_mb", excludingLowest: true) ?? 2048
    // Lambda's own limits.
    if seconds > 900 { reader.error("timeout", "is \(seconds.brief) s; expected at most 900 for a batch") }
    if megabytes > 10_240 { reader.error("memory_mb", "is \(megabytes.brief); expected at most 10240") }
    guard let script = reader.pythonScript(), !reader.problems.hasErrors,
      let packages = reader.check(script, python: python, function: "lambda_handler", arguments: 2)
    else { return nil }
    self.python = SandboxPython(path: python.path, folders: python.folders, preload: packages)
    call = PythonCall(
      source: script.source, fileName: script.name, function: "lambda_handler", arguments: [])
    limits = SandboxLimits(
      wallSeconds: seconds, memoryBytes: Int(megabytes * 1_048_576), scratchBytes: 256 << 20)
    pool = reader.surroundings.sandbox
  }

  func invoke(_ event: JSONValue) async throws(LambdaFailure) -> JSONValue {
    var call = call
    call.arguments = [event, .null]
    let result = await pool.run(SandboxJob(.python(call), limits: limits, python: python))
    if case .returned(let value) = result.ending { return value }
    throw .function(
      result.failure(limits: limits)
        ?? GradeFailure(.pythonRuntime, "the handler returned nothing that JSON has", cause: .wrongType))
  }
}
