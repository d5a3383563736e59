/// How the models of a family write calls.
package enum ToolCallSyntax: Sendable, Hashable {
  /// `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`: Qwen 2.5 and 3, Hermes, SmolLM3.
  case tagged
  /// `{"name": ..., "parameters": {...}}` as the whole answer, several with a semicolon between: Llama 3.
  case llama
  /// A model whose template says nothing of tools: told to write them as `tagged`, and understood either way.
  case generic

  /// By what a chat template's source does with tools.
  package init(template source: String) {
    if source.contains("<tool_call>") {
      self = .tagged
    } else if source.contains("tools"), source.contains("\"parameters\"") {
      self = .llama
    } else {
      self = .generic
    }
  }

  /// Before a call; empty where there is no tag.
  var open: [UInt8] { self == .llama ? [] : Array("<tool_call>".utf8) }
  var close: [UInt8] { self == .llama ? [] : Array("</tool_call>".utf8) }
  /// Whether an answer that is nothing but an object may be a call.
  var allowsBare: Bool { self != .tagged }
  /// What may stand before a bare object.
  var barePrefix: [UInt8] { self == .llama ? Array("<|python_tag|>".utf8) : [] }
  /// Special tokens whose text counts all the same.
  static let visibleTokens: Set<String> = ["<tool_call>", "</tool_call>", "<|python_tag|>"]

  /// The member with the arguments, as the family's models write it.
  var argumentsKey: String { self == .llama ? "parameters" : "arguments" }
}
