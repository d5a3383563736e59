internal import Inference

/// An answer as Bedrock has it: blocks of reasoning, text and calls, one after the other. Made from the events of an
/// answer, each of which changes one block.
struct AnswerAssembly: Sendable, Hashable {
  enum Block: Sendable, Hashable {
    case reasoning(String)
    case text(String)
    case toolUse(id: String, name: String, arguments: String)
  }

  /// What an event did.
  enum Change: Sendable, Hashable {
    case began(index: Int)
    case reasoning(index: Int, String)
    case text(index: Int, String)
    case arguments(index: Int, String)
    case ended(index: Int)
  }

  private(set) var blocks: [Block] = []
  private(set) var prompt = PromptReport(tokens: [], cached: 0)
  private(set) var finish: FinishReason?
  /// What the answer took; of one that was cut off, as far as its tokens were told.
  private(set) var report = ChoiceReport(completionTokens: 0, reasoningTokens: 0, tokens: [])
  private var isOpen = false

  /// Takes an event; those of other choices than the first do not occur here.
  mutating func take(_ event: AnswerEvent) -> [Change] {
    switch event {
    case .prompt(let report):
      prompt = report
      return []
    case .reasoning(_, let piece):
      if piece.isEmpty { return [] }
      if isOpen, case .reasoning(let text) = blocks.last {
        blocks[blocks.count - 1] = .reasoning(text + piece)
        return [.reasoning(index: blocks.count - 1, piece)]
      }
      return begin(.reasoning(piece)) + [.reasoning(index: blocks.count - 1, piece)]
    case .text(_, let piece, let tokens):
      report.completionTokens += tokens.count
      if piece.isEmpty { return [] }
      if isOpen, case .text(let text) = blocks.last {
        blocks[blocks.count - 1] = .text(text + piece)
        return [.text(index: blocks.count - 1, piece)]
      }
      return begin(.text(piece)) + [.text(index: blocks.count - 1, piece)]
    case .toolCallBegan(_, _, let id, let name): return begin(.toolUse(id: id, name: name, arguments: ""))
    case .toolCallArguments(_, _, let piece):
      guard isOpen, case .toolUse(let id, let name, let arguments) = blocks.last else { return [] }
      blocks[blocks.count - 1] = .toolUse(id: id, name: name, arguments: arguments + piece)
      return [.arguments(index: blocks.count - 1, piece)]
    case .ended(_, let reason, let report):
      finish = reason
      self.report = report
      return close()
    }
  }

  /// Throws where no more events came although the answer has no end: its reader was called off, or its writer died.
  func checkEnd() throws {
    if finish != nil { return }
    try Task.checkCancellation()
    throw InferenceError(.failed, "the answer broke off")
  }

  private mutating func begin(_ block: Block) -> [Change] {
    let closed = close()
    blocks.append(block)
    isOpen = true
    return closed + [.began(index: blocks.count - 1)]
  }

  private mutating func close() -> [Change] {
    guard isOpen else { return [] }
    isOpen = false
    return [.ended(index: blocks.count - 1)]
  }

  var text: String {
    blocks.map { block in
      switch block {
      case .text(let text): text
      case .reasoning, .toolUse: ""
      }
    }.joined()
  }

  var reasoning: String {
    blocks.map { block in
      switch block {
      case .reasoning(let text): text
      case .text, .toolUse: ""
      }
    }.joined()
  }
}
