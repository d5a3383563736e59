internal import Records
internal import Torch

/// What a command's penalties and biases make of the logits of one answer, brought up to every token that it takes.
struct LogitTerms {
  /// By token, each once, as the draw takes them.
  private(set) var adjustments: [LogitAdjustment] = []
  /// How often the answer has each of them, in the same order.
  private var counts: [Int] = []
  private let presence, frequency: Float
  private let repetition: Float

  init(_ command: CompletionCommand) {
    presence = Float(command.presencePenalty)
    frequency = Float(command.frequencyPenalty)
    repetition = Float(command.repetitionPenalty)
    var values: [Int32: (factor: Float, value: Float)] = [:]
    for bias in command.bias { values[bias.token, default: (1, 0)].value += Float(bias.bias) }
    if repetition != 1 {
      for token in command.prompt { values[token, default: (1, 0)].factor = repetition }
    }
    for (token, term) in values.sorted(by: { $0.key < $1.key }) {
      adjustments.append(LogitAdjustment(token: token, factor: term.factor, value: term.value))
      counts.append(0)
    }
  }

  /// The answer has one more token.
  mutating func take(_ token: Int32) {
    guard presence != 0 || frequency != 0 || repetition != 1 else { return }
    var (low, high) = (0, adjustments.count)
    while low < high {
      let middle = (low + high) / 2
      if adjustments[middle].token < token { low = middle + 1 } else { high = middle }
    }
    if low == adjustments.count || adjustments[low].token != token {
      adjustments.insert(LogitAdjustment(token: token), at: low)
      counts.insert(0, at: low)
    }
    counts[low] += 1
    let value = adjustments[low].value - frequency - (counts[low] == 1 ? presence : 0)
    adjustments[low] = LogitAdjustment(token: token, factor: repetition, value: value)
  }
}
