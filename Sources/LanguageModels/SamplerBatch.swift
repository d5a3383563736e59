internal import Records
internal import Torch

/// The rows that one shard decodes together, and those that wait for a place.
struct SamplerBatch {
  private let decoder: Decoder
  private let options: SamplerOptions
  private let observer: TokenObserver?
  private let maxRows: Int
  private let requests: [(number: Int, request: SampleRequest)]

  private var answers: [[SampledAnswer]]
  private var prompts: [PromptCache?]
  private var waiting: [(request: Int, attempt: Int)] = []
  private var nextWaiting = 0
  private var rows: [Row] = []

  /// A prompt's keys and values, and its last hidden state, from which every attempt draws its first token.
  private struct PromptCache {
    let cache: Tensor
    let lastHidden: Tensor
    var attemptsLeft: Int
  }

  private struct Row {
    let request: Int
    let attempt: Int
    var cache: CacheRow
    var lastToken: Int32
  }

  init(
    decoder: Decoder, requests: [(Int, SampleRequest)], options: SamplerOptions, maxRows: Int,
    observer: TokenObserver?
  ) {
    self.decoder = decoder
    self.requests = requests.map { (number: $0.0, request: $0.1) }
    self.options = options
    self.maxRows = maxRows
    self.observer = observer
    answers = requests.map { [SampledAnswer](repeating: SampledAnswer(), count: $0.1.streams.count) }
    prompts = Array(repeating: nil, count: requests.count)
    for (place, (_, request)) in requests.enumerated() {
      for attempt in request.streams.indices { waiting.append((place, attempt)) }
    }
  }

  /// Decodes until every attempt has ended; answers by request number.
  mutating func run() throws(TorchError) -> [(Int, [SampledAnswer])] {
    while true {
      try admit()
      if rows.isEmpty { break }
      try step()
    }
    return zip(requests, answers).map { ($0.number, $1) }
  }

  /// Gives free places to waiting attempts and draws their first tokens.
  private mutating func admit() throws(TorchError) {
    guard nextWaiting < waiting.count, rows.count < maxRows else { return }
    let admitted = waiting[nextWaiting..<min(waiting.count, nextWaiting + maxRows - rows.count)]
    nextWaiting += admitted.count
    try prefill(admitted.map(\.request))
    let hidden = try Tensor.concatenated(
      admitted.map { entry in
        guard let prompt = prompts[entry.request] else { preconditionFailure("a prompt was not prefilled") }
        return prompt.lastHidden
      })
    var fresh: [Row] = []
    for (request, attempt) in admitted {
      guard let prompt = prompts[request] else { preconditionFailure("a prompt was not prefilled") }
      let suffix = try emptyCache(capacity: min(options.maxTokens, 64))
      let length = requests[request].request.prompt.count
      fresh.append(
        Row(
          request: request, attempt: attempt,
          cache: CacheRow(prefix: prompt.cache, prefixLength: length, suffix: suffix, suffixLength: 0),
          lastToken: 0))
    }
    rows += try draw(fresh, hidden: hidden)
  }

  /// One token for every row.
  private mutating func step() throws(TorchError) {
    for index in rows.indices where rows[index].cache.suffixLength == rows[index].cache.suffix.shape[2] {
      try grow(&rows[index].cache)
    }
    let hidden = try decoder.decode(
      rows.map(\.lastToken), positions: rows.map { $0.cache.prefixLength + $0.cache.suffixLength },
      rows: CacheRows(rows.map(\.cache)))
    for index in rows.indices { rows[index].cache.suffixLength += 1 }
    rows = try draw(rows, hidden: hidden)
  }

  /// Draws the next token of these rows from their hidden states `[B, H]`; returns the rows that go on.
  private mutating func draw(_ candidates: [Row], hidden: Tensor) throws(TorchError) -> [Row] {
    let draws = candidates.map { row in
      let place = answers[row.request][row.attempt].tokens.count
      let stream = requests[row.request].request.streams[row.attempt]
      return Draw(
        temperature: options.temperature, topP: options.topP, minP: options.minP, topK: options.topK,
        uniform: stream.uniform(at: place))
    }
    let drawn = try decoder.logits(hidden).sample(draws)
    var goingOn: [Row] = []
    goingOn.reserveCapacity(candidates.count)
    for (var row, token) in zip(candidates, drawn) {
      answers[row.request][row.attempt].tokens.append(token.token)
      answers[row.request][row.attempt].logProbabilities.append(token.logProbability)
      answers[row.request][row.attempt].logMasses.append(token.logMass)
      if let reason = reasonToStop(row, token.token) {
        answers[row.request][row.attempt].stopReason = reason
        prompts[row.request]?.attemptsLeft -= 1
        if prompts[row.request]?.attemptsLeft == 0 { prompts[row.request] = nil }
      } else {
        row.lastToken = token.token
        goingOn.append(row)
      }
    }
    return goingOn
  }

  private func reasonToStop(_ row: Row, _ token: Int32) -> StopReason? {
    let verdict = observer?(requests[row.request].number, row.attempt, token) ?? .goOn
    if options.stopIDs.contains(token) { return .endOfTurn }
    if verdict == .stop { return .stopString }
    return answers[row.request][row.attempt].tokens.count >= options.maxTokens ? .truncated : nil
  }

  /// Runs the prompts that have no cache yet through the model, several in one pass.
  private mutating func prefill(_ wanted: [Int]) throws(TorchError) {
    var pass: [Int] = []
    var tokens = 0
    for request in wanted where prompts[request] == nil && pass.last != request {
      let length = requests[request].request.prompt.count
      if !pass.isEmpty, tokens + length > 2048 {
        try prefillPass(pass)
        pass = []
        tokens = 0
      }
      pass.append(request)
      tokens += length
    }
    if !pass.isEmpty { try prefillPass(pass) }
  }

  private mutating func prefillPass(_ pass: [Int]) throws(TorchError) {
    let lengths = pass.map { requests[$0].request.prompt.count }
    var caches: [Tensor] = []
    for length in lengths { caches.append(try emptyCache(capacity: length)) }
    let shape = [decoder.configuration.kvHeads, decoder.configuration.headSize]
    let hidden = try decoder.hidden(
      pass.flatMap { requests[$0].request.prompt }, layout: TreeLayout(lengths.map { .init(prefix: $0) })
    ) { layer, k, v throws(TorchError) in
      var start = 0
      for (cache, length) in zip(caches, lengths) {
        let flat = try cache.reshaped([-1] + shape)
        let first = 2 * layer * length
        try flat.rows(first..<first + length).copy(from: k.rows(start..<start + length))
        try flat.rows(first + length..<first + 2 * length).copy(from: v.rows(start..<start + length))
        start += length
      }
    }
    var end = 0
    for (place, request) in pass.enumerated() {
      end += lengths[place]
      prompts[request] = PromptCache(
        cache: caches[place], lastHidden: try hidden.rows(end - 1..<end),
        attemptsLeft: requests[request].request.streams.count)
    }
  }

  private func emptyCache(capacity: Int) throws(TorchError) -> Tensor {
    let model = decoder.configuration
    return try Tensor.empty([model.layers, 2, capacity, model.kvHeads, model.headSize], decoder.dtype)
  }

  /// Doubles a row's room.
  private func grow(_ row: inout CacheRow) throws(TorchError) {
    let model = decoder.configuration
    let old = row.suffix.shape[2]
    let bigger = try emptyCache(capacity: min(2 * old, options.maxTokens))
    let new = bigger.shape[2]
    let from = try row.suffix.reshaped([-1, model.kvHeads, model.headSize])
    let to = try bigger.reshaped([-1, model.kvHeads, model.headSize])
    for part in 0..<2 * model.layers {
      try to.rows(part * new..<part * new + old).copy(from: from.rows(part * old..<(part + 1) * old))
    }
    row = CacheRow(
      prefix: row.prefix, prefixLength: row.prefixLength, suffix: bigger, suffixLength: row.suffixLength)
  }
}
