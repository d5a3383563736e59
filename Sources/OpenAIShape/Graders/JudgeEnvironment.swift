package import Store

/// How graders, here and in the workers of jobs, find the service's own models as judges.
///
/// A grader's definition names a model and no address, as OpenAI's do; `Graders` then takes the address from the
/// environment. The variables say: this service, as this project.
package struct JudgeEnvironment: Sendable {
  private let url: String
  private let keys: InternalKeys

  /// - Parameter url: where this service answers its own machine, such as `http://127.0.0.1:8080/v1`.
  package init(url: String, keys: InternalKeys) {
    self.url = url
    self.keys = keys
  }

  /// To be laid over the environment of a project's graders and of its jobs' workers.
  package func variables(for projectID: String) -> [String: String] {
    ["OPERANT_JUDGE_URL": url, "OPERANT_JUDGE_API_KEY": keys.key(for: projectID)]
  }
}
