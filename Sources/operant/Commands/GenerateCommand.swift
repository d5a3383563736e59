import ArgumentParser
import Foundation
import Records

struct GenerateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Answer a prompt, or continue a text.",
    discussion: """
      Examples:
        operant generate "Why is the sky blue?"
        operant generate --run latest --samples 4 "My order is late."
        operant generate --raw "Once upon a time" --max-tokens 50
        operant generate --file prompt.txt --json
        echo "Say hello." | operant generate
      """)

  @Argument(help: "The prompt; - or nothing reads standard input.")
  var text: String?
  @Option(help: ArgumentHelp("Read the prompt from a file.", valueName: "file"))
  var file: String?
  @Option(
    help: ArgumentHelp(
      "A system message put before the prompt. (default: that of the run)", valueName: "text"))
  var system: String?
  @Flag(help: "Continue the text as it stands, without a chat template.")
  var raw = false
  @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many answers.", valueName: "n"))
  var samples = 1
  @Flag(help: "Print each answer as a JSON object: text, ids, logprobs, stop_reason.")
  var json = false
  @OptionGroup var model: ModelOptions
  @OptionGroup var sampling: SamplingOptions

  func validate() throws {
    if samples < 1 { throw ValidationError("--samples is \(samples); expected at least 1") }
    if raw, system != nil {
      throw ValidationError("--system has no place in a --raw text; leave one of them out")
    }
  }

  func run() async throws {
    let prompt = try TextInput.text(text, file: file)
    let policy = try model.policy()
    var messages = try model.system(system).map { [Message(.system, $0)] } ?? []
    messages.append(Message(.user, prompt))
    let request = sampling.request(
      policy, conversations: raw ? [] : [messages], rawPrompts: raw ? [prompt] : [], samples: samples)
    let printer = AnswerPrinter(json: json, streams: samples == 1)
    try await WorkerSession(display: QuietDisplay()).run(.generate(request)) { printer.take($0) }
  }
}
