internal import Records

extension Learner {
  func export(
    _ format: ExportFormat, to path: String, model: OpenedModel, plan: Plan, step: Int,
    comparison: Comparison?
  ) throws {}
}
extension WorkerRequest {
  func export(_ request: ExportRequest, _ sink: any EventSink) async throws {}
}
