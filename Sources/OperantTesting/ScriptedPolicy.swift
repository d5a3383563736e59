package import Records
internal import Rollouts

/// A policy that answers from a script, ending rows as the sampler does: at a stop token, at an observer's word,
/// at the token limit.
///
/// The log-probability of an answer's token i is `-(i + 1) / 8`; the log-mass is `-0.25` where the options
/// truncate the support, else 0.
package actor ScriptedPolicy: Policy {
  package private(set) var version: Int
  /// Everything it was asked for, in order.
  package private(set) var requests: [SampleRequest] = []
  package private(set) var options: SamplerOptions?
  private let script: @Sendable (_ request: Int, _ attempt: Int) -> [Int32]

  /// `script` gives the tokens an attempt would sample if nothing ended it.
  package init(version: Int = 0, script: @escaping @Sendable (_ request: Int, _ attempt: Int) -> [Int32]) {
    self.version = version
    self.script = script
  }

  /// Takes another version, as an update does.
  package func advance() { version += 1 }

  package func sample(
    _ requests: [SampleRequest], _ options: SamplerOptions, observer: SamplingObserver
  ) async throws -> [[SampledAnswer]] {
    self.requests += requests
    self.options = options
    return requests.enumerated().map { number, request in
      request.streams.indices.map { attempt in
        let answer = answer(number, attempt, options, observer)
        observer.ended?(number, attempt, answer)
        return answer
      }
    }
  }

  private func answer(
    _ number: Int, _ attempt: Int, _ options: SamplerOptions, _ observer: SamplingObserver
  ) -> SampledAnswer {
    var answer = SampledAnswer()
    for token in script(number, attempt).prefix(options.maxTokens) {
      answer.tokens.append(token)
      answer.logProbabilities.append(-Float(answer.tokens.count) / 8)
      answer.logMasses.append(options.truncatesSupport ? -0.25 : 0)
      let verdict = observer.token?(number, attempt, token) ?? .goOn
      if options.stopIDs.contains(token) {
        answer.stopReason = .endOfTurn
        return answer
      }
      if verdict == .stop {
        answer.stopReason = .stopString
        return answer
      }
    }
    return answer
  }
}
