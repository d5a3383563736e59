internal import Gateway
internal import Inference
internal import Records
internal import Synchronization

/// What serving workers measure, under the names that vLLM gave them.
final class InferenceFigures: InferenceObserver {
  private let metrics: MetricsRegistry
  private let cacheBytes: Int
  private let loads = Mutex<[String: ServeLoad]>([:])

  /// - Parameter cacheBytes: what each model may keep of prompts.
  init(metrics: MetricsRegistry, cacheBytes: Int) {
    self.metrics = metrics
    self.cacheBytes = cacheBytes
    metrics.add { [weak self] in self?.readings() ?? [] }
  }

  func observe(_ observation: InferenceObservation) {
    switch observation {
    case .firstToken(let base, let seconds):
      metrics.observe(
        "operant:time_to_first_token_seconds", help: "From a request to its first token.",
        labels: label(base),
        seconds)
    case .betweenTokens(let base, let seconds):
      metrics.observe(
        "operant:inter_token_latency_seconds", help: "Between two steps that drew tokens for a request.",
        labels: label(base), bounds: Self.shortBounds, seconds)
    case .answered(let base, let figures): answered(base, figures)
    case .refused(let base):
      metrics.count(
        "operant:requests_refused_total", help: "Requests turned away because too many wait.",
        labels: label(base))
    case .workerReady(let base, let seconds):
      metrics.observe(
        "operant:model_load_seconds", help: "That models took to load.", labels: label(base), seconds)
    case .workerEnded(let base, let failure):
      loads.withLock { $0[base] = nil }
      metrics.count(
        "operant:serving_worker_ends_total", help: "Serving workers that ended.",
        labels: label(base) + [("failed", failure == nil ? "false" : "true")])
    case .adapterLoaded(let base, let seconds):
      metrics.observe(
        "operant:adapter_load_seconds", help: "That adapters took to load.", labels: label(base), seconds)
    case .load(let base, let load): loads.withLock { $0[base] = load }
    }
  }

  private func answered(_ base: String, _ figures: AnswerFigures) {
    metrics.count(
      "operant:prompt_tokens_total", help: "Tokens of prompts.", labels: label(base),
      by: Double(figures.promptTokens))
    metrics.count(
      "operant:prompt_tokens_cached_total", help: "Those of them that were cached.", labels: label(base),
      by: Double(figures.cachedTokens))
    metrics.count(
      "operant:generation_tokens_total", help: "Tokens of answers.", labels: label(base),
      by: Double(figures.completionTokens))
    metrics.count(
      "operant:request_success_total", help: "Requests by how they ended.",
      labels: label(base) + [("outcome", figures.outcome.rawValue)])
    metrics.observe(
      "operant:e2e_request_latency_seconds", help: "From a request to its last token.", labels: label(base),
      figures.seconds)
  }

  private func readings() -> [MetricsRegistry.Reading] {
    loads.withLock { $0 }.flatMap { base, load -> [MetricsRegistry.Reading] in
      func gauge(_ name: String, _ help: String, _ value: Double) -> MetricsRegistry.Reading {
        .init(name, help: help, labels: label(base), value: value)
      }
      return [
        gauge("operant:num_requests_running", "Answers that are being written.", Double(load.running)),
        gauge("operant:num_requests_waiting", "Answers that wait for a row.", Double(load.waiting)),
        gauge(
          "operant:kv_cache_usage_perc", "Share of the cache of prompts in use; 1 is all of it.",
          cacheBytes > 0 ? min(1, Double(load.cacheBytes) / Double(cacheBytes)) : 0),
        gauge(
          "operant:serving_worker_resident_bytes", "Memory of serving workers.", Double(load.residentBytes)),
      ]
    }
  }

  private func label(_ base: String) -> [(name: String, value: String)] { [("model_name", base)] }

  private static let shortBounds = [
    0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10,
  ]
}
