package import Records

extension WorkerRequest {
  /// Does what was asked and reports it; throws what `WorkerFailure(classifying:)` names.
  package func carryOut(_ sink: any EventSink, interruption: Interruption, input: InputLines) async throws {
    switch self {
    case .train(let folder):
      try await train(folder, sink, interruption)
    case .evaluate(let request):
      try await evaluate(request, sink)
    case .generate(let request):
      try await generate(request, sink)
    case .chat(let request):
      try await chat(request, sink, input)
    case .score(let request):
      try await score(request, sink)
    case .export(let request):
      try await export(request, sink)
    case .serve(let request):
      await serve(request, input)
    }
  }
}
