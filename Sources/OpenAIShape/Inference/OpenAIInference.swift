package import Cluster
package import Gateway
package import Hummingbird
package import Inference
package import Store

/// The routes that ask models: chat completions, completions, responses, and the one that knows tokens alone.
package struct OpenAIInference: Sendable {
  let store: Store
  let answering: any Answering
  let models: ServedModels
  let memory = ResponseMemory()
  /// Answers that one model writes at once.
  let rows: Int

  package init(store: Store, answering: any Answering, catalogue: ModelCatalogue, rows: Int = 64) {
    self.store = store
    self.answering = answering
    self.rows = rows
    models = ServedModels(store: store, catalogue: catalogue, answering: answering)
  }

  /// Adds the routes that follow a prefix: `/v1`, and for Azure's clients `/openai/v1` and `/openai`.
  package func addRoutes(to router: some RouterMethods<APIContext>, prefix: String) {
    let group = router.group(RouterPath(prefix))
    group.post("chat/completions") { request, context in
      try await context.whileClientStays { try await chat(request, context, model: nil) }
    }
    group.post("completions") { request, context in
      try await context.whileClientStays { try await completions(request, context, model: nil) }
    }
    group.post("responses") { request, context in
      try await context.whileClientStays { try await responses(request, context) }
    }
    group.get("responses/:id") { _, context in try storedResponse(context) }
    group.get("responses/:id/input_items") { request, context in try inputItems(request, context) }
    group.delete("responses/:id") { _, context in try deleteResponse(context) }
  }

  /// Adds the routes that stand alone: vLLM's for tokens, and Azure's that name the model in the path.
  package func addRootRoutes(to router: some RouterMethods<APIContext>) {
    router.post("/inference/v1/generate") { request, context in
      try await context.whileClientStays { try await generate(request, context) }
    }
    // Names of models may hold slashes, so what comes before the last words is the model's.
    router.post("/openai/deployments/**") { request, context in
      try await context.whileClientStays { try await deployment(request, context) }
    }
  }

  private func deployment(_ request: Request, _ context: APIContext) async throws -> Response {
    let path = try context.restOfPath()
    if path.hasSuffix("/chat/completions") {
      return try await chat(request, context, model: String(path.dropLast("/chat/completions".count)))
    }
    if path.hasSuffix("/completions") {
      return try await completions(request, context, model: String(path.dropLast("/completions".count)))
    }
    throw APIFailure(
      .missing, "there is nothing at this path; a deployment has /chat/completions and /completions")
  }
}
