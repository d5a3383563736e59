import ArgumentParser
import Foundation
import Records

struct ChatCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chat", abstract: "Talk to a model.",
    discussion: """
      Examples:
        operant chat
        operant chat --run latest --system "You answer support mail."
        printf 'Hello.\\nAnd again?\\n' | operant chat --json

      /reset forgets the conversation, /quit or Ctrl-D ends it. Each line of standard input is a turn.
      """)

  @Option(
    help: ArgumentHelp(
      "A system message put before the conversation. (default: that of the run)", valueName: "text"))
  var system: String?
  @Flag(help: "Print each answer as a JSON message, one a line.")
  var json = false
  @OptionGroup var model: ModelOptions
  @OptionGroup var sampling: SamplingOptions

  func run() async throws {
    let policy = try model.policy()
    let (lines, input) = AsyncStream<String>.makeStream()
    let (answers, output) = AsyncStream<String>.makeStream()
    var conversation = Conversation(system: try model.system(system))
    conversation.json = json
    // Reading the keyboard blocks a thread; it is left behind when the worker ends first.
    let talk = Task.detached { [conversation] in
      var conversation = conversation
      await conversation.hold(sending: input, receiving: answers)
    }
    let printsText = !json
    try await WorkerSession(display: QuietDisplay()).run(.chat(sampling.request(policy)), input: lines) {
      event in
      switch event {
      case .text(_, let text) where printsText: Terminal.write(Terminal.harmless(text))
      case .generated(let answer): output.yield(answer.text)
      default: break
      }
    }
    talk.cancel()
  }
}

/// The turns of a conversation: what was said, and what comes next from the keyboard.
private struct Conversation: Sendable {
  let system: String?
  var json = false
  private var messages: [Message] = []
  private let isTerminal = isatty(STDIN_FILENO) == 1

  init(system: String?) {
    self.system = system
    reset()
  }

  private mutating func reset() { messages = system.map { [Message(.system, $0)] } ?? [] }

  /// Sends the conversation after each line that is typed, and waits for the answer.
  mutating func hold(
    sending input: AsyncStream<String>.Continuation, receiving answers: AsyncStream<String>
  ) async {
    defer { input.finish() }
    var answers = answers.makeAsyncIterator()
    while let line = ask() {
      switch line.trimmingCharacters(in: .whitespaces) {
      case "": continue
      case "/quit", "/exit": return
      case "/reset":
        reset()
        if isTerminal { Terminal.writeError("The conversation begins anew.\n") }
        continue
      default: break
      }
      messages.append(Message(.user, line))
      input.yield(JSONValue.array(messages.map(\.json)).serialised())
      guard let answer = await answers.next() else { return }
      messages.append(Message(.assistant, answer))
      if json, let message = messages.last {
        Terminal.write(message.json.serialised(.spaced) + "\n")
      } else {
        Terminal.write("\n")
      }
    }
  }

  private func ask() -> String? {
    if isTerminal { Terminal.writeError("\n> ") }
    return readLine()
  }
}
