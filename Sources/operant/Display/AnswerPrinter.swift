import Foundation
import Records

/// Prints sampled answers: as they come when there is one, each whole when there are several.
struct AnswerPrinter: Sendable {
  let json: Bool
  let streams: Bool
  private let isTerminal = isatty(STDOUT_FILENO) == 1

  init(json: Bool, streams: Bool) {
    self.json = json
    self.streams = streams
  }

  func take(_ event: WorkerEvent) {
    switch event {
    case .text(_, let text) where streams && !json: Terminal.write(shown(text))
    case .generated(let answer):
      if json {
        Terminal.write(Self.json(answer).serialised(.spaced) + "\n")
      } else if streams {
        Terminal.write("\n")
      } else {
        Terminal.write("[\(answer.index + 1)] " + shown(answer.text) + "\n")
      }
    default: break
    }
  }

  /// A model's text may steer a terminal; a pipe gets it as it is.
  private func shown(_ text: String) -> String { isTerminal ? Terminal.harmless(text) : text }

  static func json(_ answer: GeneratedText) -> JSONValue {
    [
      "index": .integer(answer.index), "text": .string(answer.text),
      "ids": .array(answer.tokens.map { .integer(Int($0)) }),
      "logprobs": .array(answer.logProbabilities.map { .number(Double($0)) }),
      "stop_reason": .string(answer.stopReason.rawValue),
    ]
  }
}
