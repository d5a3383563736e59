internal import Records
internal import Torch

/// The rows that decode together on a device, and those that wait for a place.
///
/// Blocks of steps are launched one ahead: while the device draws a block, the host takes the tokens of the one before.
/// A row that has ended stands still until a block boundary, where another attempt takes its place. Nothing of a row's
/// draws depends on when that happens.
struct DeviceSamplerBatch {
  private let decoder: Decoder
  private let options: SamplerOptions
  private let observer: SamplingObserver
  private let requests: [SampleRequest]
  private let space: DeviceDecodingSpace
  private let drawing: DeviceDecodingSpace.Drawing
  private let device: Device
  private let maxRows: Int

  private var answers: [[SampledAnswer]]
  private var waiting: [(request: Int, attempt: Int)] = []
  private var nextWaiting = 0
  /// By place; nil where nobody decodes.
  private var rows: [Row?]
  /// How many places decode: a size that a graph is recorded for.
  private var count = 0
  private var blocks: [Block] = []

  private struct Row {
    let request: Int
    let attempt: Int
    let promptLength: Int
    /// Tokens that have been launched for it, whether it still lives or not.
    var launched = 0
  }

  /// A block that was launched and not yet read: what lies in staged memory when its event has happened.
  private struct Block {
    let rows: [Row?]
    let drawn, logProbabilities, logMasses: Tensor
    /// Kept until the device has read it.
    let uniforms: Tensor
    let event: DeviceEvent
  }

  init(
    decoder: Decoder, decoding: DeviceDecoding, requests: [SampleRequest], options: SamplerOptions,
    observer: SamplingObserver
  ) throws(TorchError) {
    self.decoder = decoder
    self.requests = requests
    self.options = options
    self.observer = observer
    device = decoder.device
    drawing = .init(greedy: options.temperature == 0, filters: options.truncatesSupport)
    for (index, request) in requests.enumerated() {
      for attempt in request.streams.indices { waiting.append((index, attempt)) }
    }
    let positions = (requests.map(\.prompt.count).max() ?? 1) + options.maxTokens
    precondition(
      positions <= decoder.positions,
      "a prompt and its answer take \(positions) positions of \(decoder.positions)")
    maxRows = max(
      1,
      min(options.maxRows, waiting.count, try Self.rowsThatFit(decoder, positions: positions)))
    space = try decoding.space(decoder, rows: maxRows, positions: positions, stops: options.stopIDs.count)
    rows = Array(repeating: nil, count: space.rows)
    answers = requests.map { $0.streams.map { _ in SampledAnswer() } }
    try prepare()
  }

  /// Rows whose caches and logits take at most half of what is free on an accelerator.
  private static func rowsThatFit(_ decoder: Decoder, positions: Int) throws(TorchError) -> Int {
    guard decoder.device.isCUDA else { return .max }
    let model = decoder.configuration
    let cache = 2 * model.layers * model.kvHeads * model.headSize * decoder.dtype.size
    let row = cache * DeviceDecoding.bucket(positions, from: 128) + 16 * model.vocabulary
    return try decoder.device.describe().freeBytes / 2 / row
  }

  /// What is the same for all rows of the call; every place is empty.
  private func prepare() throws(TorchError) {
    let temperature = options.temperature == 0 ? 1 : options.temperature
    let settings = [Float(1 / temperature), Float(options.topK), Float(options.topP), Float(options.minP)]
    try space.state.settings.copy(from: Tensor.floats(settings, on: device))
    var stops = options.stopIDs.sorted().map(Int.init)
    stops += Array(repeating: -1, count: space.stops - stops.count)
    try space.state.stops.copy(from: Tensor.integers(stops, on: device))
    try space.state.left.fillZero()
    try space.state.lengths.fillZero()
    try space.state.tokens.fillZero()
  }

  /// Decodes until every attempt has ended; answers by request and attempt.
  mutating func run() throws(TorchError) -> [[SampledAnswer]] {
    while true {
      try admit()
      if rows.contains(where: { $0.map { $0.launched < options.maxTokens } ?? false }) {
        try launch()
        // The block before this one: the device is busy with this one meanwhile.
        if blocks.count > 1 { try take() }
      } else if !blocks.isEmpty {
        try take()
      } else if nextWaiting == waiting.count {
        return answers
      }
      try shrink()
    }
  }

  // MARK: Places

  /// Gives free places to waiting attempts.
  private mutating func admit() throws(TorchError) {
    var admitted: [(place: Int, request: Int)] = []
    for place in 0..<maxRows where rows[place] == nil && nextWaiting < waiting.count {
      let (request, attempt) = waiting[nextWaiting]
      nextWaiting += 1
      rows[place] = Row(request: request, attempt: attempt, promptLength: requests[request].prompt.count)
      admitted.append((place, request))
    }
    guard !admitted.isEmpty else { return }
    count = min(space.rows, DeviceDecoding.bucket((rows.lastIndex { $0 != nil } ?? 0) + 1, from: 8))
    try prefill(admitted)
    // The last token of the prompt is the first that is decoded: its row draws the answer's first token.
    let places = try Tensor.integers(admitted.map(\.place), on: device)
    let prompts = admitted.map { requests[$0.request].prompt }
    try space.state.tokens.put(Tensor.integers(prompts.map { Int($0[$0.count - 1]) }, on: device), at: places)
    try space.state.lengths.put(Tensor.integers(prompts.map { $0.count - 1 }, on: device), at: places)
    try space.state.left.put(
      Tensor.integers(prompts.map { _ in options.maxTokens }, on: device), at: places)
  }

  /// Fills the caches of new rows: from one that decodes another attempt at the same prompt, or by running prompts
  /// through the model, several in one pass, each once.
  private func prefill(_ admitted: [(place: Int, request: Int)]) throws(TorchError) {
    let new = Set(admitted.map(\.place))
    var wanted: [(request: Int, places: [Int])] = []
    for (place, request) in admitted {
      let length = requests[request].prompt.count - 1
      guard length > 0 else { continue }
      if wanted.last?.request == request {
        wanted[wanted.count - 1].places.append(place)
      } else if let twin = rows.indices.first(where: { rows[$0]?.request == request && !new.contains($0) }) {
        try space.state.move(twin, to: place, length: length)
      } else {
        wanted.append((request, [place]))
      }
    }
    var pass: [(request: Int, places: [Int])] = []
    var tokens = 0
    for entry in wanted {
      let length = requests[entry.request].prompt.count - 1
      if !pass.isEmpty, tokens + length > 16384 {
        try run(pass, tokens: tokens)
        pass = []
        tokens = 0
      }
      pass.append(entry)
      tokens += length
    }
    if !pass.isEmpty { try run(pass, tokens: tokens) }
  }

  /// Runs prompts, their last tokens left out, and copies their keys and values to their places.
  private func run(_ pass: [(request: Int, places: [Int])], tokens: Int) throws(TorchError) {
    let model = decoder.configuration
    let kept = try Tensor.empty(
      [model.layers, 2, tokens, model.kvHeads, model.headSize], decoder.dtype, on: device)
    let prompts = pass.map { requests[$0.request].prompt.dropLast() }
    _ = try decoder.hidden(
      prompts.flatMap(\.self), layout: TreeLayout(prompts.map { .init(prefix: $0.count) }), cached: kept)
    var start = 0
    for (entry, prompt) in zip(pass, prompts) {
      for place in entry.places {
        try space.state.place(kept, start: start, length: prompt.count, row: place)
      }
      start += prompt.count
    }
  }

  /// When few rows are left and nobody waits, moves them together: a smaller graph is faster.
  private mutating func shrink() throws(TorchError) {
    guard nextWaiting == waiting.count, count > 8 else { return }
    let living = rows.indices.filter { rows[$0] != nil }
    let wanted = DeviceDecoding.bucket(max(1, living.count), from: 8)
    guard 4 * wanted <= 3 * count else { return }
    // What was launched goes by the places that rows had.
    while !blocks.isEmpty { try take() }
    var free = (0..<wanted).filter { rows[$0] == nil }
    for place in living where place >= wanted {
      guard let row = rows[place] else { continue }
      let target = free.removeFirst()
      try space.state.move(place, to: target, length: min(row.promptLength + row.launched, space.capacity))
      let from = try Tensor.integers([place], on: device)
      let to = try Tensor.integers([target], on: device)
      for vector in [space.state.tokens, space.state.lengths, space.state.left] {
        try vector.put(vector.rows(at: from), at: to)
      }
      rows[target] = row
      rows[place] = nil
    }
    count = wanted
  }

  // MARK: Blocks

  /// Launches the next block and the copies of what it draws.
  private mutating func launch() throws(TorchError) {
    let steps = DeviceDecodingSpace.steps
    let state = space.state
    let uniforms = try Tensor.staged([steps, space.rows], .int64, for: device)
    try uniforms.withBytes { bytes throws(TorchError) in
      let numbers = bytes.bindMemory(to: Int64.self)
      for place in rows.indices {
        guard let row = rows[place] else {
          for step in 0..<steps { numbers[step * rows.count + place] = 0 }
          continue
        }
        let stream = requests[row.request].streams[row.attempt]
        for step in 0..<steps {
          numbers[step * rows.count + place] = Int64(stream.uniform(at: row.launched + step) * 0x1p53)
        }
      }
    }
    try state.uniforms.copyWithoutWaiting(from: uniforms)
    try space.launch(drawing, count: count)
    func brought(_ tensor: Tensor) throws(TorchError) -> Tensor {
      let staged = try Tensor.staged(tensor.shape, tensor.dtype, for: device)
      try staged.copyWithoutWaiting(from: tensor)
      return staged
    }
    blocks.append(
      Block(
        rows: rows, drawn: try brought(state.drawn), logProbabilities: try brought(state.logProbabilities),
        logMasses: try brought(state.logMasses), uniforms: uniforms, event: try DeviceEvent(on: device)))
    for place in rows.indices { rows[place]?.launched += steps }
  }

  /// Takes the tokens of the oldest block; the places of rows that ended become free.
  private mutating func take() throws(TorchError) {
    let block = blocks.removeFirst()
    try block.event.wait()
    var halted: [Int] = []
    let width = block.rows.count
    try block.drawn.withBytes { drawn throws(TorchError) in
      try block.logProbabilities.withBytes { logProbabilities throws(TorchError) in
        try block.logMasses.withBytes { logMasses throws(TorchError) in
          let tokens = drawn.bindMemory(to: Int64.self)
          let probabilities = logProbabilities.bindMemory(to: Float.self)
          let masses = logMasses.bindMemory(to: Float.self)
          for place in block.rows.indices {
            // A row that ended in the block before is gone, and may have a successor who is not in this one.
            guard let row = block.rows[place], let now = rows[place], now.request == row.request,
              now.attempt == row.attempt
            else { continue }
            for step in 0..<DeviceDecodingSpace.steps {
              let at = step * width + place
              guard tokens[at] >= 0 else { break }
              guard probabilities[at].isFinite else { throw Self.diverged }
              let token = Int32(tokens[at])
              answers[row.request][row.attempt].tokens.append(token)
              answers[row.request][row.attempt].logProbabilities.append(probabilities[at])
              answers[row.request][row.attempt].logMasses.append(masses[at])
              if let reason = reasonToStop(row, token) {
                answers[row.request][row.attempt].stopReason = reason
                rows[place] = nil
                observer.ended?(row.request, row.attempt, answers[row.request][row.attempt])
                // The device ends a row by itself for every other reason.
                if reason == .stopString { halted.append(place) }
                break
              }
            }
          }
        }
      }
    }
    guard !halted.isEmpty else { return }
    try space.state.left.put(
      Tensor.integers(halted.map { _ in 0 }, on: device), at: Tensor.integers(halted, on: device))
  }

  private func reasonToStop(_ row: Row, _ token: Int32) -> StopReason? {
    let verdict = observer.token?(row.request, row.attempt, token) ?? .goOn
    if options.stopIDs.contains(token) { return .endOfTurn }
    if verdict == .stop { return .stopString }
    return answers[row.request][row.attempt].tokens.count >= options.maxTokens ? .truncated : nil
  }

  private static let diverged = TorchError(
    kind: .value, operation: "decoding_draw", message: "the logits are not finite; the policy has diverged",
    shapes: [])
}
