import Checkpoints
import Foundation
import Records
import Testing

@testable import Tokenization

struct ModelTokenizerTests {
  private static let tokenizerJSON = """
    {"added_tokens": [{"id": 3, "content": "<|im_end|>", "special": true, "normalized": false},
                      {"id": 4, "content": "<s>", "special": true, "normalized": false}],
     "normalizer": null, "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false},
     "decoder": {"type": "ByteLevel"},
     "model": {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]}}
    """

  /// A model's folder of these files, for the time of `body`.
  private func withFolder(_ files: [String: String], _ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, text) in files {
      try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8)
    }
    try body(folder.path)
  }

  @Test func `a folder gives tokenizer, template and special ids`() throws {
    let files = [
      "tokenizer.json": Self.tokenizerJSON,
      "tokenizer_config.json":
        #"{"bos_token": "<s>", "eos_token": "<|im_end|>", "chat_template": "{{ bos_token }}old"}"#,
      "generation_config.json": #"{"eos_token_id": [3, 1]}"#,
      "chat_template.jinja": "{{ bos_token }}{{ messages[0].content }}{{ eos_token }}\n",
    ]
    try withFolder(files) { path in
      let model = try ModelTokenizer(.folder(path))
      #expect(model.tokenizer.stopIDs == [3, 1])
      #expect(!model.usesDefaultTemplate)
      let prompt = try model.conversations.render([Message(.user, "ab<s>")], addGenerationPrompt: true)
      #expect(prompt.text == "<s>ab<s><|im_end|>")
      // "<", "s" and ">" are not in this vocabulary.
      #expect(prompt.ids == [4, 2, 3])
    }
  }

  @Test func `templates may stand in the configuration, alone or with names`() throws {
    for config in [
      #"{"chat_template": "one"}"#,
      #"{"chat_template": [{"name": "tool_use", "template": "two"}, {"name": "default", "template": "one"}]}"#,
    ] {
      try withFolder(["tokenizer.json": Self.tokenizerJSON, "tokenizer_config.json": config]) { path in
        let model = try ModelTokenizer(.folder(path))
        #expect(model.template.source == "one")
      }
    }
    try withFolder(["tokenizer.json": Self.tokenizerJSON]) { path in
      let model = try ModelTokenizer(.folder(path))
      #expect(model.usesDefaultTemplate)
    }
  }

  @Test func `a folder that cannot be read is an error that names the file`() throws {
    func message(_ files: [String: String]) throws -> String {
      var message = ""
      try withFolder(files) { path in
        do throws(ModelTokenizerError) { _ = try ModelTokenizer(.folder(path)) } catch {
          message = error.description.replacing(path, with: "F")
        }
      }
      return message
    }
    #expect(try message([:]).hasPrefix("F/tokenizer.json: there is no such file"))
    #expect(try message(["tokenizer.json": "{"]).hasPrefix("F/tokenizer.json: is not JSON: line 1"))
    let files = ["tokenizer.json": Self.tokenizerJSON, "chat_template.jinja": "\n{% include 'x' %}"]
    #expect(
      try message(files)
        == "F/chat_template.jinja: chat template, line 2: the tag 'include' is not supported or is out of place"
    )
    let error = #expect(throws: ModelTokenizerError.self) { try ModelTokenizer(source: "/nowhere") }
    #expect(error?.description.contains("no such model") == true, "\(error?.description ?? "none")")
  }

  @Test(.enabled(if: Parity.hasModel)) func `SmolLM2 renders ChatML with its own system message`() throws {
    let model = try ModelTokenizer(.gguf(Parity.model.path))
    let prompt = try model.conversations.render([Message(.user, "Say <|im_end|>")], addGenerationPrompt: true)
    #expect(prompt.text.hasPrefix("<|im_start|>system\n"))
    #expect(prompt.text.hasSuffix("<|im_start|>user\nSay <|im_end|><|im_end|>\n<|im_start|>assistant\n"))
    #expect(prompt.ids.filter { $0 == 2 }.count == 2)
    #expect(prompt.ids.filter { $0 == 1 }.count == 3)
    #expect(model.tokenizer.decode(prompt.ids, skippingSpecial: false) == prompt.text)
  }
}
