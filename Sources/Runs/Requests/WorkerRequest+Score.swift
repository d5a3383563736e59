internal import LanguageModels
internal import Records
internal import Tokenization

extension WorkerRequest {
  /// Log-probabilities of texts, special tokens in them parsed.
  func score(_ request: ScoreRequest, _ sink: any EventSink) async throws {
    sink.report(.phase(.loading, detail: "model \(request.policy.modelPath)"))
    let opened = try OpenedModel(source: request.policy.modelPath)
    let texts = request.texts.map { opened.text.tokenizer.encode($0, specialTokens: .parse) }
    let context = opened.loader.configuration.context
    for (index, ids) in texts.enumerated() where ids.count > context {
      throw WorkerFailure(
        .usage, "text \(index + 1) has \(ids.count) tokens; the model takes at most \(context)")
    }
    let longest = texts.map(\.count).max() ?? 1
    let model = try ServedModel(request.policy, opened: opened, positions: max(1, longest))
    sink.report(.modelLoaded(model.summary))
    for ids in texts {
      let scores = try await model.score(ids)
      sink.report(
        .scored(ScoredText(ids: ids, logProbabilities: ids.isEmpty ? [] : [nil] + scores.map { $0 })))
    }
  }
}
