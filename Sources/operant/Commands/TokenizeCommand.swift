import ArgumentParser
import Checkpoints
import Foundation
import Records
import Tokenization

struct TokenizeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Print the token ids of a text.",
    discussion: """
      Examples:
        operant tokenize "Hello, world"
        operant tokenize --json --file text.txt
        echo "Hello" | operant tokenize --as-text --json

      --json prints {"ids": [...]}.
      """)

  @Argument(help: "The text; - or nothing reads standard input.")
  var text: String?
  @Option(help: ArgumentHelp("Read the text from a file.", valueName: "file"))
  var file: String?
  @Option(
    help: ArgumentHelp(
      "A known model, a GGUF file or a Hugging Face folder. (default: \(ModelPlan().source))",
      valueName: "model"))
  var model: String?
  @Flag(help: "Take special tokens in the text, such as <|im_end|>, as plain text.")
  var asText = false
  @Flag(help: "Print a JSON object.")
  var json = false

  func run() async throws {
    let text = try TextInput.text(text, file: file)
    let tokenizer = try ModelTokenizer.load(ModelOptions.location(model ?? ModelPlan().source)).tokenizer
    let ids = tokenizer.encode(text, specialTokens: asText ? .asText : .parse)
    if json {
      let object: JSONValue = ["ids": .array(ids.map { .integer(Int($0)) })]
      return Terminal.write(object.serialised(.spaced) + "\n")
    }
    var lines = ""
    for id in ids {
      let token = tokenizer.decode([id], skippingSpecial: false)
      lines += TextWidth.right("\(id)", 7) + "  " + JSONValue.string(token).serialised() + "\n"
    }
    Terminal.write(lines)
  }
}
