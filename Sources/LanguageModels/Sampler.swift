package import Records
package import Torch

/// Samples answers, tokens in and tokens out.
///
/// Attempts are dealt to the shards in equal numbers; each shard decodes its rows as one batch on a thread of its own.
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
    try sample(requests, options, observer: observer, bytesToRecord: 0).answers
  }

  /// As `sample`, and what the layers made on the way, for an update with the same weights: nil when it could take more
  /// than `bytesToRecord`, or when the decoder is not exact.
  package func sample(
    _ requests: [SampleRequest], _ options: SamplerOptions, observer: SamplingObserver, bytesToRecord: Int
  ) throws(TorchError) -> (answers: [[SampledAnswer]], recording: Recording?) {
    if let decoding = decoder.deviceDecoding {
      let answers = try withoutGradients { () throws(TorchError) in
        var batch = try DeviceSamplerBatch(
          decoder: decoder, decoding: decoding, requests: requests, options: options, observer: observer)
        return try batch.run()
      }
      return (answers, nil)
    }
    let deal = Self.deal(requests.map(\.streams.count), over: shards.count)
    let tokens = requests.reduce(0) { $0 + $1.prompt.count + $1.streams.count * options.maxTokens }
    let records = decoder.isExact && decoder.bytesToRecord(tokens: tokens) <= bytesToRecord
    let rows = max(1, options.maxRows / shards.count)
    let parts = try shards.run { shard throws(TorchError) in
      try withoutGradients { () throws(TorchError) in
        var batch = try SamplerBatch(
          decoder: decoder,
          entries: deal[shard].map {
            .init(number: $0.request, request: requests[$0.request], attempts: $0.attempts)
          },
          options: options, maxRows: rows, observer: observer, records: records)
        return (try batch.run(), batch.recording)
      }
    }
    var answers = requests.map { [SampledAnswer](repeating: SampledAnswer(), count: $0.streams.count) }
    var recording: Recording?
    for (part, recorded) in parts {
      for (request, attempt, answer) in part { answers[request][attempt] = answer }
      guard let recorded else { continue }
      if let recording { recording.merge(recorded) } else { recording = recorded }
    }
    return (answers, recording)
  }

  /// Some attempts of a request.
  struct Share: Sendable, Hashable {
    let request: Int
    let attempts: Range<Int>
  }

  /// Deals attempts to shards, in order and in equal numbers; a function of the numbers alone.
  ///
  /// Attempts of one request stay together, as they share their prompt, but where one shard's part ends.
  static func deal(_ sizes: [Int], over shards: Int) -> [[Share]] {
    let total = sizes.reduce(0, +)
    var deal = [[Share]](repeating: [], count: shards)
    var shard = 0
    var dealt = 0
    for (request, size) in sizes.enumerated() {
      var first = 0
      while first < size {
        while dealt >= total * (shard + 1) / shards { shard += 1 }
        let count = min(size - first, total * (shard + 1) / shards - dealt)
        deal[shard].append(Share(request: request, attempts: first..<first + count))
        first += count
        dealt += count
      }
    }
    return deal
  }
}

extension Decoder {
  /// Memory that a recording takes of so many tokens.
  package func bytesToRecord(tokens: Int) -> Int {
    let linears: [LayerStep: Linear] = [
      .qkv: linear(0, .qkv), .output: linear(0, .output), .gateUp: linear(0, .gateUp),
      .down: linear(0, .down),
    ]
    return tokens * configuration.layers * LayerWidths(configuration, linears: linears).bytes(dtype)
  }
}
