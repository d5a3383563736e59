import Records
import Testing

@testable import BedrockShape

/// Bodies of all makers, with whatever else a request may have asked of Bedrock.
struct LoggedConversationTests {
  @Test(arguments: [
    // Converse, with what is not there here.
    #"{"messages":[{"role":"user","content":[{"text":"q"}]}],"guardrailConfig":{"guardrailIdentifier":"g"},"#
      + #""additionalModelRequestFields":{"unknown":1},"requestMetadata":{"a!":"b"},"promptVariables":{},"#
      + #""toolConfig":{"tools":[{"systemTool":{"name":"nova_grounding"}}],"toolChoice":{"tool":{"name":"none"}}},"#
      + #""inferenceConfig":{"temperature":9,"odd":1},"somethingNew":{}}"#,
    #"{"messages":[{"role":"user","content":[{"guardContent":{"text":{"text":"q"}}},{"cachePoint":{"type":"default"}}]}]}"#,
    // Nova.
    #"{"schemaVersion":"messages-v2","messages":[{"role":"user","content":[{"text":"q"}]}]}"#,
    // Anthropic, with texts and with blocks.
    #"{"anthropic_version":"bedrock-2023-05-31","max_tokens":5,"thinking":{"type":"enabled"},"#
      + #""messages":[{"role":"user","content":"q"}]}"#,
    #"{"anthropic_version":"bedrock-2023-05-31","messages":[{"role":"user","content":[{"type":"text","text":"q"}]}]}"#,
    // Chat completions.
    #"{"messages":[{"role":"user","content":"q"}],"logprobs":true,"n":4,"unknown":1,"temperature":99}"#,
    #"{"messages":[{"role":"user","content":[{"type":"text","text":"q"}]}],"logit_bias":{"1":2}}"#,
  ])
  func `messages are read, and nothing else`(_ body: String) throws {
    let conversation = try LoggedConversation(JSONValue(parsing: body))
    #expect(conversation.messages == [Message(.user, "q")])
    #expect(conversation.tools == [])
  }

  @Test(arguments: [
    #"{"system":"be brief","messages":[{"role":"user","content":[{"text":"q"}]}]}"#,
    #"{"system":[{"text":"be brief"}],"messages":[{"role":"user","content":"q"}]}"#,
    #"{"anthropic_version":"x","system":"be brief","messages":[{"role":"user","content":"q"}]}"#,
    #"{"anthropic_version":"x","system":[{"type":"text","text":"be brief","cache_control":{"type":"ephemeral"}}],"#
      + #""messages":[{"role":"user","content":"q"}]}"#,
  ])
  func `a system prompt is a text or a list`(_ body: String) throws {
    let messages = try LoggedConversation(JSONValue(parsing: body)).messages
    #expect(messages == [Message(.system, "be brief"), Message(.user, "q")])
  }

  @Test func `tools and their calls are read in each maker's form`() throws {
    let converse = #"""
      {"messages": [{"role": "user", "content": [{"text": "q"}]},
        {"role": "assistant", "content": [{"toolUse": {"toolUseId": "1", "name": "sky", "input": {"at": "Ulm"}}}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "1", "content": [{"text": "grey"}]}}]}],
       "toolConfig": {"tools": [{"systemTool": {"name": "x"}},
         {"toolSpec": {"name": "sky", "inputSchema": {"json": {"type": "object"}}}}]}}
      """#
    let anthropic = #"""
      {"anthropic_version": "x", "messages": [{"role": "user", "content": "q"},
        {"role": "assistant", "content": [{"type": "redacted_thinking", "data": "x"},
          {"type": "tool_use", "id": "1", "name": "sky", "input": {"at": "Ulm"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "1", "content": "grey"}]}],
       "tools": [{"type": "web_search_20250305", "name": "x"}, {"name": "sky", "input_schema": {"type": "object"}}]}
      """#
    let one = try LoggedConversation(JSONValue(parsing: converse))
    #expect(one.messages.map(\.role) == [.user, .assistant, .tool])
    #expect(one.messages[1].toolCalls == [ToolCall(id: "1", name: "sky", arguments: #"{"at":"Ulm"}"#)])
    #expect(one.messages[2].text == "grey")
    #expect(one.tools.count == 1)
    #expect(try LoggedConversation(JSONValue(parsing: anthropic)) == one)
  }

  @Test(arguments: [
    ("[]", PassedOver.Reason.noConversation), (#"{"inputText":"an embedding"}"#, .noConversation),
    (#"{"messages":[]}"#, .noConversation),
    (#"{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}"#, .ownWords),
    (#"{"messages":[{"role":"user","content":[{"image":{"format":"png"}}]}]}"#, .unreadable),
    (#"{"anthropic_version":"x","messages":[{"role":"user","content":[{"type":"image"}]}]}"#, .unreadable),
    (#"{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#, .unreadable),
  ])
  func `what makes no row has a reason`(_ body: String, _ reason: PassedOver.Reason) throws {
    let body = try JSONValue(parsing: body)
    let error = #expect(throws: PassedOver.self) { try LoggedConversation(body) }
    #expect(error?.reason == reason)
  }

  @Test(arguments: [
    #"{"output":{"message":{"content":[{"text":"an"},{"toolUse":{}},{"text":"swer"}]}}}"#,
    #"[{"contentBlockDelta":{"delta":{"text":"an"}}},{"contentBlockDelta":{"delta":{"text":"swer"}}}]"#,
    #"{"choices":[{"message":{"content":"answer"}}]}"#,
    #"[{"choices":[{"delta":{"content":"an"}}]},{"choices":[{"delta":{"content":"swer"}}]}]"#,
    #"{"type":"message","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"answer"}]}"#,
    #"[{"type":"message_start"},{"type":"content_block_delta","delta":{"type":"text_delta","text":"answer"}}]"#,
  ])
  func `answers are read in each maker's form`(_ body: String) throws {
    #expect(LoggedConversation.answer(try JSONValue(parsing: body)) == "answer")
  }
}
