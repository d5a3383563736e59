import Records

extension AnswerRequest {
  /// The functions that may be called.
  var tools: [ToolDefinition] {
    guard case .conversation(_, let tools, _) = prompt, toolChoice != .none else { return [] }
    return tools.compactMap(ToolDefinition.init)
  }

  /// What the answer must be, thinking before it included; nil for anything.
  ///
  /// A call that must be made is one call: no model is held to a second.
  func constraint(_ syntax: ToolCallSyntax, _ reasoning: ReasoningSplitter.Mode) throws(InferenceError)
    -> ResponseConstraint?
  {
    guard let body = try body(syntax) else { return nil }
    let close = String(decoding: ReasoningSplitter.close, as: UTF8.self)
    let rest: [ResponseConstraint] = [.free(until: close), .text("\n\n"), body]
    switch reasoning {
    case .never: return body
    case .hasBegun: return .sequence(rest)
    case .mayBegin:
      let open = String(decoding: ReasoningSplitter.open, as: UTF8.self)
      return .choice([.sequence([.text(open)] + rest), body])
    }
  }

  private func body(_ syntax: ToolCallSyntax) throws(InferenceError) -> ResponseConstraint? {
    let calls = tools.map { $0.call(syntax) }
    let form: ResponseConstraint? =
      switch format {
      case .text: nil
      case .jsonObject: .object
      case .jsonSchema(_, let schema): .schema(schema)
      }
    switch toolChoice {
    case .none: return form
    case .auto:
      guard let form else { return nil }
      return calls.isEmpty ? form : .choice([form] + calls)
    case .required:
      guard !calls.isEmpty else {
        throw InferenceError(
          .invalid(param: "tool_choice"), "tool_choice is 'required', but there are no tools to choose from")
      }
      return calls.count == 1 ? calls[0] : .choice(calls)
    case .function(let name):
      guard let tool = tools.first(where: { $0.name == name }) else {
        throw InferenceError(
          .invalid(param: "tool_choice"),
          "tool_choice names the function '\(name)'; the tools are: "
            + (tools.isEmpty ? "none" : tools.map(\.name).joined(separator: ", ")))
      }
      return tool.call(syntax)
    }
  }
}
