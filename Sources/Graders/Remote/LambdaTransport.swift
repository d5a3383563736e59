import Records

/// Why an invocation brought no grades.
enum LambdaFailure: Error, Sendable, Hashable {
  /// The function itself failed: it raised, ran out of time or memory.
  case function(GradeFailure)
  /// It could not be reached, or its answer is not in the form agreed on.
  case answer(GradeFailure)

  var failure: GradeFailure {
    switch self {
    case .function(let failure), .answer(let failure): failure
    }
  }
}

/// A `lambda_handler` on this machine: an event in, the handler's value out, within a deadline of its own.
protocol LocalLambda: Sendable {
  func invoke(_ event: JSONValue) async throws(LambdaFailure) -> JSONValue
}

/// How a reward Lambda is called.
enum LambdaTransport: Sendable {
  /// At an endpoint that speaks AWS's Invoke.
  case endpoint(LambdaEndpoint)
  /// A handler file (`lambda.file`), run on this machine.
  case file(any LocalLambda)

  func invoke(_ event: JSONValue) async throws(LambdaFailure) -> JSONValue {
    switch self {
    case .endpoint(let endpoint): try await endpoint.invoke(event)
    case .file(let handler): try await handler.invoke(event)
    }
  }
}
