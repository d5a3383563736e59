package import Records

/// Whatever answers prompts, tokens in and tokens out: the local sampler, a remote endpoint, a test's script.
package protocol Policy: Sendable {
  /// Optimiser steps behind the weights that answer.
  var version: Int { get async }

  /// The answers to every request's attempts, in order; `observer` has been told of each when it ended.
  func sample(_ requests: [SampleRequest], _ options: SamplerOptions, observer: SamplingObserver) async throws
    -> [[SampledAnswer]]
}
