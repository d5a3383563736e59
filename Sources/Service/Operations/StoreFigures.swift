internal import Gateway
internal import Store

/// Figures that the store knows.
enum StoreFigures {
  static func add(to metrics: MetricsRegistry, _ store: Store, _ state: ServingState) {
    metrics.add {
      var readings: [MetricsRegistry.Reading] = []
      if let counts = try? await store.jobCounts() {
        readings += Job.Status.allCases.map { status in
          .init(
            "operant:jobs", help: "Jobs by status.", labels: [("status", status.rawValue)],
            value: Double(counts[status] ?? 0))
        }
      }
      if let restarts = try? await store.jobRestarts() {
        readings.append(
          .init(
            "operant:job_worker_restarts",
            help: "Times that a worker was started again for a job, over all jobs.",
            value: Double(restarts)))
      }
      if let bytes = try? await store.storedBytes() {
        readings.append(.init("operant:stored_file_bytes", help: "Bytes of all files.", value: Double(bytes)))
      }
      readings.append(
        .init(
          "operant:http_requests_under_way", help: "Requests that are being answered.",
          value: Double(state.underWay)))
      return readings
    }
  }
}
