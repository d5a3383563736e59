import ArgumentParser
import Foundation
import Records
import Synchronization
import Tokenization

struct ScoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score", abstract: "Print the log-probability of every token of a text.",
    discussion: """
      Examples:
        operant score "The capital of France is Paris."
        operant score --json --dtype float32 --file text.txt
        operant score --run latest "Thank you for your message."

      --json prints {"ids": [...], "logprobs": [null, ...]}: one entry a token, in nats, given the tokens before
      it; the first has none. Special tokens in the text are parsed.
      """)

  @Argument(help: "The text; - or nothing reads standard input.")
  var text: String?
  @Option(help: ArgumentHelp("Read the text from a file.", valueName: "file"))
  var file: String?
  @Flag(help: "Print a JSON object.")
  var json = false
  @OptionGroup var model: ModelOptions

  func run() async throws {
    let text = try TextInput.text(text, file: file)
    let policy = try model.policy()
    let scores = Scores()
    let request = ScoreRequest(policy: policy, texts: [text])
    try await WorkerSession(display: QuietDisplay()).run(.score(request)) { event in
      if case .scored(let score) = event { scores.add(score) }
    }
    guard let score = scores.first else {
      throw CommandFailure("the worker ended without a score")
    }
    Terminal.write(json ? Self.json(score).serialised(.spaced) + "\n" : try table(score, policy))
  }

  static func json(_ score: ScoredText) -> JSONValue {
    [
      "ids": .array(score.ids.map { .integer(Int($0)) }),
      "logprobs": .array(score.logProbabilities.map { $0.map { .number(Double($0)) } ?? .null }),
    ]
  }

  private func table(_ score: ScoredText, _ policy: PolicySource) throws(CommandFailure) -> String {
    let tokenizer = try ModelTokenizer.load(ModelOptions.location(policy.modelPath)).tokenizer
    var text = ""
    for (id, value) in zip(score.ids, score.logProbabilities) {
      let figure = value.map { Figures.fixed(Double($0), 4) } ?? "-"
      text += TextWidth.right("\(id)", 7) + "  " + TextWidth.right(figure, 9) + "  "
      text += JSONValue.string(tokenizer.decode([id], skippingSpecial: false)).serialised() + "\n"
    }
    let values = score.logProbabilities.compactMap { $0.map(Double.init) }
    guard !values.isEmpty else { return text }
    let sum = values.reduce(0, +)
    return text
      + "sum \(Figures.fixed(sum, 4)), perplexity \(Figures.fixed(exp(-sum / Double(values.count)), 3))\n"
  }
}

/// What came back, kept for when the worker has ended.
private final class Scores: Sendable {
  private let scores = Mutex<[ScoredText]>([])
  func add(_ score: ScoredText) { scores.withLock { $0.append(score) } }
  var first: ScoredText? { scores.withLock { $0.first } }
}
