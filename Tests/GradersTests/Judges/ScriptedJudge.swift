import Foundation
import Records
import Testing

@testable import Graders

/// A chat completion as a server sends it.
func completion(
  _ content: String?, finish: String = "stop", refusal: String? = nil, model: String = "judge-2026",
  prompt: Int = 100, cached: Int = 64, written: Int = 10
) -> TestServer.Behaviour {
  .json([
    "id": "chatcmpl-1", "object": "chat.completion", "model": .string(model),
    "choices": [
      [
        "index": 0, "finish_reason": .string(finish),
        "message": [
          "role": "assistant", "content": content.map(JSONValue.string) ?? .null,
          "refusal": refusal.map(JSONValue.string) ?? .null,
        ],
      ]
    ],
    "usage": [
      "prompt_tokens": .integer(prompt), "completion_tokens": .integer(written),
      "total_tokens": .integer(prompt + written),
      "prompt_tokens_details": ["cached_tokens": .integer(cached)],
    ],
  ])
}

func verdict(_ result: JSONValue) -> TestServer.Behaviour {
  let json: JSONValue = ["steps": [["description": "read it", "conclusion": "fine"]], "result": result]
  return completion(json.serialised())
}

extension TestServer.Request {
  /// The text of all messages, with what a judge would read.
  var shown: String {
    let messages = (try? json["messages"]?.array) ?? []
    return messages.map { $0["content"]?.string ?? $0["content"]?.serialised() ?? "" }.joined(separator: "\n")
  }
}

/// A grader whose judge is a server of this test.
func judged(
  by server: TestServer, _ fields: String, type: String = "score_model", path: String = "/v1",
  timeout: Double = 30, environment: [String: String] = [:],
  folder: String = ""
) throws -> any Grader {
  let input = #""input": [{"role": "user", "content": "Judge: {{sample.output_text}}"}], "#
  let json = """
    {"type": "\(type)", "model": "judge", \(type == "pairwise_model" ? "" : input)
     "endpoint": {"base_url": "\(server.url)\(path)"}, "timeout": \(timeout), "retries": 0\(fields)}
    """
  return try GraderCompiler.compile(
    JSONValue(parsing: json), surroundings: GraderSurroundings(folder: folder, environment: environment))
}

func samples(_ texts: String..., item: String = "{}") throws -> [GradingSample] {
  try texts.map { try sample($0, item: item) }
}
