internal import Records
internal import Torch

/// The rows that one shard decodes together, and those that wait for a place.
struct SamplerBatch {
  private let decoder: Decoder
  private let options: SamplerOptions
  private let observer: SamplingObserver
  private let maxRows: Int
  private let entries: [Entry]
  private let space: DecodingSpace
  /// What the layers make, when it is wanted.
  let recording: Recording?

  private var answers: [[SampledAnswer]]
  private var prompts: [Prompt?]
  private var waiting: [(entry: Int, answer: Int)] = []
  private var nextWaiting = 0

  // Rows in place; one array for each thing that a step hands over as it lies.
  private var rows: [Row] = []
  private var caches = CacheRows()
  private var tokens: [Int32] = []
  private var positions: [Int64] = []
  private var draws: [Draw] = []
  private var drawn: [Drawn] = []
  /// Where the layers' activations go, and which of the recording's records that is.
  private var record: (number: Int32, buffers: StepBuffers)?

  /// Some attempts of a request.
  struct Entry {
    let number: Int
    let request: SampleRequest
    let attempts: Range<Int>
  }

  /// A prompt's keys and values, and its last hidden state, from which every attempt draws its first token.
  private struct Prompt {
    let cache: KeyValueCache
    let lastHidden: Tensor
    let start: Recording.Start?
    var attemptsLeft: Int
  }

  /// An attempt that is being sampled: the entry's place, and the attempt's place among its answers.
  private struct Row {
    let entry: Int
    let answer: Int
    var sequence: Recording.Sequence?
  }

  init(
    decoder: Decoder, entries: [Entry], options: SamplerOptions, maxRows: Int, observer: SamplingObserver,
    records: Bool
  ) throws(TorchError) {
    self.decoder = decoder
    self.entries = entries
    self.options = options
    self.observer = observer
    for (place, entry) in entries.enumerated() {
      for answer in entry.attempts.indices { waiting.append((place, answer - entry.attempts.lowerBound)) }
    }
    self.maxRows = max(1, min(maxRows, waiting.count))
    space = try DecodingSpace(decoder, rows: self.maxRows)
    recording = records ? Recording(decoder, widths: space.widths) : nil
    answers = entries.map { entry in
      entry.attempts.map { _ in
        var answer = SampledAnswer()
        answer.tokens.reserveCapacity(options.maxTokens)
        answer.logProbabilities.reserveCapacity(options.maxTokens)
        answer.logMasses.reserveCapacity(options.maxTokens)
        return answer
      }
    }
    prompts = Array(repeating: nil, count: entries.count)
  }

  /// Decodes until every attempt has ended; answers with their request's number and their attempt.
  mutating func run() throws(TorchError) -> [(Int, Int, SampledAnswer)] {
    while true {
      try admit()
      if rows.isEmpty { break }
      try step()
    }
    return zip(entries, answers).flatMap { entry, answers in
      zip(entry.attempts, answers).map { (entry.number, $0, $1) }
    }
  }

  /// Gives free places to waiting attempts and draws their first tokens.
  private mutating func admit() throws(TorchError) {
    guard nextWaiting < waiting.count, rows.count < maxRows else { return }
    let admitted = waiting[nextWaiting..<min(waiting.count, nextWaiting + maxRows - rows.count)]
    nextWaiting += admitted.count
    try prefill(admitted.map(\.entry))
    let first = rows.count
    var hidden: [Tensor] = []
    for (entry, answer) in admitted {
      guard let prompt = prompts[entry] else { preconditionFailure("a prompt was not prefilled") }
      hidden.append(prompt.lastHidden)
      let request = entries[entry].request
      // The last token of an answer is never fed back.
      try caches.append(
        prompt.cache, length: request.prompt.count, attention: space.attention,
        positions: min(options.maxTokens, 64))
      rows.append(Row(entry: entry, answer: answer, sequence: prompt.start.map { .init(prompt: $0) }))
      tokens.append(0)
      positions.append(Int64(request.prompt.count))
      draws.append(
        Draw(
          temperature: options.temperature, topP: options.topP, minP: options.minP, topK: options.topK,
          uniform: stream(entry, answer).uniform(at: 0)))
    }
    drawn = [Drawn](repeating: Drawn(), count: admitted.count)
    try space.draw(from: Tensor.concatenated(hidden).place(), Array(draws[first...]), into: &drawn)
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
      let (entry, answer) = (rows[row].entry, rows[row].answer)
      draws[row].uniform = stream(entry, answer).uniform(at: answers[entry][answer].tokens.count)
    }
    if drawn.count > rows.count { drawn.removeLast(drawn.count - rows.count) }
    while drawn.count < rows.count { drawn.append(Drawn()) }
    try makeRoomToRecord()
    try space.next(
      tokens, positions: positions, rows: caches, draws: draws, into: &drawn, record: record?.buffers)
    if let record {
      for row in rows.indices {
        rows[row].sequence?.places.append(
          .init(record: record.number, row: Int32(record.buffers.filled + row)))
      }
      self.record?.buffers.filled += rows.count
    }
    caches.advance()
    take(from: 0)
  }

  /// Begins another record when the rows of a step do not fit into the last one.
  private mutating func makeRoomToRecord() throws(TorchError) {
    guard let recording else { return }
    if let record, record.buffers.filled + rows.count <= record.buffers.rows { return }
    // All of one size, so that memory is used again from step to step.
    let buffers = try space.record(of: 4 * maxRows)
    record = (recording.add(record: buffers), buffers)
  }

  /// Takes the tokens drawn for the rows from `first` on; rows that go on move up to the places of those that ended.
  private mutating func take(from first: Int) {
    var kept = first
    for row in first..<rows.count {
      let (entry, answer) = (rows[row].entry, rows[row].answer)
      let token = drawn[row - first]
      answers[entry][answer].tokens.append(token.token)
      answers[entry][answer].logProbabilities.append(token.logProbability)
      answers[entry][answer].logMasses.append(token.logMass)
      if let reason = reasonToStop(rows[row], token.token) {
        answers[entry][answer].stopReason = reason
        end(rows[row])
        continue
      }
      if kept < row {
        rows[kept] = rows[row]
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

  private mutating func end(_ row: Row) {
    let entry = entries[row.entry]
    let answer = answers[row.entry][row.answer]
    observer.ended?(entry.number, entry.attempts.lowerBound + row.answer, answer)
    if let sequence = row.sequence {
      recording?.add(entry.request.prompt + answer.tokens.dropLast(), sequence)
    }
    prompts[row.entry]?.attemptsLeft -= 1
    if prompts[row.entry]?.attemptsLeft == 0 { prompts[row.entry] = nil }
  }

  private func stream(_ entry: Int, _ answer: Int) -> RandomStream {
    entries[entry].request.streams[entries[entry].attempts.lowerBound + answer]
  }

  private func reasonToStop(_ row: Row, _ token: Int32) -> StopReason? {
    let entry = entries[row.entry]
    let verdict = observer.token?(entry.number, entry.attempts.lowerBound + row.answer, token) ?? .goOn
    if options.stopIDs.contains(token) { return .endOfTurn }
    if verdict == .stop { return .stopString }
    return answers[row.entry][row.answer].tokens.count >= options.maxTokens ? .truncated : nil
  }

  /// Runs the prompts that have no cache yet through the model, several in one pass.
  private mutating func prefill(_ wanted: [Int]) throws(TorchError) {
    var pass: [Int] = []
    var tokens = 0
    for entry in wanted where prompts[entry] == nil && pass.last != entry {
      let length = entries[entry].request.prompt.count
      if !pass.isEmpty, tokens + length > 2048 {
        try prefillPass(pass)
        pass = []
        tokens = 0
      }
      pass.append(entry)
      tokens += length
    }
    if !pass.isEmpty { try prefillPass(pass) }
  }

  private mutating func prefillPass(_ pass: [Int]) throws(TorchError) {
    let lengths = pass.map { entries[$0].request.prompt.count }
    var caches: [KeyValueCache] = []
    for length in lengths {
      caches.append(
        try KeyValueCache(
          space.attention, layers: decoder.configuration.layers, positions: length, dtype: decoder.dtype))
    }
    var made: [LayerActivations] = []
    let hidden = try decoder.hidden(
      pass.flatMap { entries[$0].request.prompt }, layout: TreeLayout(lengths.map { .init(prefix: $0) }),
      caches: caches, keep: recording == nil ? nil : { made.append($0) })
    let number = recording?.add(pass: made)
    var end = 0
    for (place, entry) in pass.enumerated() {
      let start = number.map { Recording.Start(pass: $0, row: end) }
      end += lengths[place]
      if let start { recording?.add(prompt: entries[entry].request.prompt, at: start) }
      prompts[entry] = Prompt(
        cache: caches[place], lastHidden: try hidden.rows(end - 1..<end), start: start,
        attemptsLeft: entries[entry].attempts.count)
    }
  }
}
