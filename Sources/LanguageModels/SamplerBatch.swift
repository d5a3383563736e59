internal import Records
internal import Torch

/// The rows that one shard decodes together, and those that wait for a place.
struct SamplerBatch {
  private let decoder: Decoder
  private let options: SamplerOptions
  private let observer: SamplingObserver
  private let maxRows: Int
  private let requests: [(number: Int, request: SampleRequest)]
  private let space: DecodingSpace

  private var answers: [[SampledAnswer]]
  private var prompts: [Prompt?]
  private var waiting: [(request: Int, attempt: Int)] = []
  private var nextWaiting = 0

  // Rows in place; one array for each thing that a step hands over as it lies.
  private var rows: [Row] = []
  private var caches = CacheRows()
  private var tokens: [Int32] = []
  private var positions: [Int64] = []
  private var draws: [Draw] = []
  private var drawn: [Drawn] = []

  /// A prompt's keys and values, and its last hidden state, from which every attempt draws its first token.
  private struct Prompt {
    let cache: KeyValueCache
    let lastHidden: Tensor
    var attemptsLeft: Int
  }

  private struct Row {
    let request: Int
    let attempt: Int
  }

  init(
    decoder: Decoder, requests: [(Int, SampleRequest)], options: SamplerOptions, maxRows: Int,
    observer: SamplingObserver
  ) throws(TorchError) {
    self.decoder = decoder
    self.requests = requests.map { (number: $0.0, request: $0.1) }
    self.options = options
    self.observer = observer
    for (place, (_, request)) in requests.enumerated() {
      for attempt in request.streams.indices { waiting.append((place, attempt)) }
    }
    self.maxRows = max(1, min(maxRows, waiting.count))
    space = try DecodingSpace(decoder, rows: self.maxRows)
    answers = requests.map { _, request in
      request.streams.map { _ in
        var answer = SampledAnswer()
        answer.tokens.reserveCapacity(options.maxTokens)
        answer.logProbabilities.reserveCapacity(options.maxTokens)
        answer.logMasses.reserveCapacity(options.maxTokens)
        return answer
      }
    }
    prompts = Array(repeating: nil, count: requests.count)
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
    let first = rows.count
    var hidden: [Tensor] = []
    for (request, attempt) in admitted {
      guard let prompt = prompts[request] else { preconditionFailure("a prompt was not prefilled") }
      hidden.append(prompt.lastHidden)
      let length = requests[request].request.prompt.count
      // The last token of an answer is never fed back.
      try caches.append(
        prompt.cache, length: length, attention: space.attention, positions: min(options.maxTokens, 64))
      rows.append(Row(request: request, attempt: attempt))
      tokens.append(0)
      positions.append(Int64(length))
      draws.append(
        Draw(
          temperature: options.temperature, topP: options.topP, minP: options.minP, topK: options.topK,
          uniform: requests[request].request.streams[attempt].uniform(at: 0)))
    }
    drawn = [Drawn](repeating: Drawn(), count: admitted.count)
    try space.draw(from: Tensor.concatenated(hidden), Array(draws[first...]), into: &drawn)
    take(from: first)
  }

  /// One token for every row.
  private mutating func step() throws(TorchError) {
    for row in rows.indices {
      if caches.isFull(row) {
        try caches.grow(
          row, attention: space.attention,
          limit: KeyValueCache.capacity(for: KeyValueCache.block + options.maxTokens))
      }
      positions[row] = Int64(caches.position(of: row))
      let stream = requests[rows[row].request].request.streams[rows[row].attempt]
      draws[row].uniform = stream.uniform(at: answers[rows[row].request][rows[row].attempt].tokens.count)
    }
    if drawn.count > rows.count { drawn.removeLast(drawn.count - rows.count) }
    while drawn.count < rows.count { drawn.append(Drawn()) }
    try space.next(tokens, positions: positions, rows: caches, draws: draws, into: &drawn)
    caches.advance()
    take(from: 0)
  }

  /// Takes the tokens drawn for the rows from `first` on; rows that go on move up to the places of those that ended.
  private mutating func take(from first: Int) {
    var kept = first
    for row in first..<rows.count {
      let entry = rows[row]
      let token = drawn[row - first]
      answers[entry.request][entry.attempt].tokens.append(token.token)
      answers[entry.request][entry.attempt].logProbabilities.append(token.logProbability)
      answers[entry.request][entry.attempt].logMasses.append(token.logMass)
      if let reason = reasonToStop(entry, token.token) {
        answers[entry.request][entry.attempt].stopReason = reason
        observer.ended?(
          requests[entry.request].number, entry.attempt, answers[entry.request][entry.attempt])
        prompts[entry.request]?.attemptsLeft -= 1
        if prompts[entry.request]?.attemptsLeft == 0 { prompts[entry.request] = nil }
        continue
      }
      if kept < row {
        rows[kept] = entry
        caches.move(row, to: kept)
        draws[kept] = draws[row]
      }
      tokens[kept] = token.token
      kept += 1
    }
    guard kept < rows.count else { return }
    let gone = rows.count - kept
    rows.removeLast(gone)
    tokens.removeLast(gone)
    positions.removeLast(gone)
    draws.removeLast(gone)
    caches.truncate(to: kept)
  }

  private func reasonToStop(_ row: Row, _ token: Int32) -> StopReason? {
    let verdict = observer.token?(requests[row.request].number, row.attempt, token) ?? .goOn
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
    var caches: [KeyValueCache] = []
    for length in lengths {
      caches.append(
        try KeyValueCache(
          space.attention, layers: decoder.configuration.layers, positions: length, dtype: decoder.dtype))
    }
    let hidden = try decoder.hidden(
      pass.flatMap { requests[$0].request.prompt }, layout: TreeLayout(lengths.map { .init(prefix: $0) }),
      caches: caches)
    var end = 0
    for (place, request) in pass.enumerated() {
      end += lengths[place]
      prompts[request] = Prompt(
        cache: caches[place], lastHidden: try hidden.rows(end - 1..<end),
        attemptsLeft: requests[request].request.streams.count)
    }
  }
}
