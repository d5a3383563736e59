package import Records
package import Torch

/// Samples answers, tokens in and tokens out.
///
/// Requests are dealt to the shards by rows; each shard decodes its rows as one batch on a thread of its own.
/// A row that ends leaves its batch and a waiting one takes its place.
package struct Sampler {
  package let decoder: Decoder
  package let shards: Shards

  package init(_ decoder: Decoder, shards: Shards) {
    self.decoder = decoder
    self.shards = shards
  }

  /// The answers of every request's attempts, in order.
  ///
  /// Throws when a prompt and `maxTokens` exceed the decoder's positions: callers check lengths first.
  package func sample(
    _ requests: [SampleRequest], _ options: SamplerOptions, observer: SamplingObserver = SamplingObserver()
  ) throws(TorchError) -> [[SampledAnswer]] {
    let deal = Self.deal(requests.map(\.streams.count), over: shards.count)
    let rows = max(1, options.maxRows / shards.count)
    let parts = try shards.run { shard throws(TorchError) in
      try withoutGradients { () throws(TorchError) in
        var batch = try SamplerBatch(
          decoder: decoder, requests: deal[shard].map { ($0, requests[$0]) }, options: options, maxRows: rows,
          observer: observer)
        return try batch.run()
      }
    }
    var answers = requests.map { [SampledAnswer](repeating: SampledAnswer(), count: $0.streams.count) }
    for part in parts {
      for (request, sampled) in part { answers[request] = sampled }
    }
    return answers
  }

  /// Deals requests to shards, each to the one with the fewest rows so far; a function of the sizes alone.
  static func deal(_ sizes: [Int], over shards: Int) -> [[Int]] {
    var deal = [[Int]](repeating: [], count: shards)
    var loads = [Int](repeating: 0, count: shards)
    for (request, size) in sizes.enumerated() {
      let shard = loads.indices.min { loads[$0] < loads[$1] } ?? 0
      deal[shard].append(request)
      loads[shard] += size
    }
    return deal
  }
}
