import Records
import Testing

@testable import BedrockShape

/// Whatever stands where something else should: read without a trap, and reported unless it is right.
struct OddBodyTests {
  static let odd: [JSONValue] = [
    .null, true, -1, 0, .integer(.max), .integer(.min), 1e308, -0.5, "", "x", "\u{0}", [], [:], [.null], [[]],
    [[:]],
    ["a": 1], [["text": 1]], [["role": "user", "content": "x"]],
    [["role": "user", "content": [["text": .null]]]],
    .string(String(repeating: "-", count: 5000)),
  ]

  /// Every member of an object, at every depth, replaced by every odd value in turn.
  static func mutations(of value: JSONValue) -> [JSONValue] {
    switch value {
    case .object(let object):
      object.members.flatMap { key, inner in
        (odd + mutations(of: inner)).map { replacement in
          var changed = object
          changed[key] = replacement
          return .object(changed)
        }
      }
    case .array(let elements):
      elements.indices.flatMap { index in
        (odd + mutations(of: elements[index])).map { replacement in
          var changed = elements
          changed[index] = replacement
          return .array(changed)
        }
      }
    default: []
    }
  }

  static let conversation: JSONValue = [
    "messages": [
      ["role": "user", "content": [["text": "a"], ["cachePoint": ["type": "default"]]]],
      [
        "role": "assistant",
        "content": [
          ["reasoningContent": ["reasoningText": ["text": "h"]]],
          ["toolUse": ["toolUseId": "1", "name": "n", "input": [:]]],
        ],
      ],
      ["role": "user", "content": [["toolResult": ["toolUseId": "1", "content": [["json": [:]]]]]]],
    ],
    "system": [["text": "s"]],
    "inferenceConfig": ["maxTokens": 1, "temperature": 0.5, "topP": 1, "stopSequences": ["x"]],
    "toolConfig": [
      "tools": [["toolSpec": ["name": "n", "inputSchema": ["json": [:]], "strict": true]]],
      "toolChoice": ["tool": ["name": "n"]],
    ],
    "additionalModelRequestFields": [
      "top_k": 1, "seed": 1, "min_p": 0.1,
      "reasoningConfig": ["type": "enabled", "maxReasoningEffort": "low"],
    ],
    "requestMetadata": ["a": "b"], "additionalModelResponseFieldPaths": ["/x"],
    "outputConfig": ["textFormat": ["type": "json_schema", "structure": ["jsonSchema": ["schema": "{}"]]]],
    "performanceConfig": ["latency": "standard"], "serviceTier": ["type": "default"],
  ]

  static let chat: JSONValue = [
    "messages": [["role": "user", "content": "x"]], "max_tokens": 1, "seed": 1, "stop": ["x"], "n": 1,
    "tool_choice": ["type": "function", "function": ["name": "x"]],
    "tools": [["type": "function", "function": ["name": "x"]]], "temperature": 1,
    "response_format": ["type": "json_schema", "json_schema": ["name": "x", "schema": [:]]],
    "chat_template_kwargs": [:],
  ]

  static let job: JSONValue = [
    "jobName": "a", "customModelName": "a", "roleArn": "arn:aws:iam::111122223333:role/r",
    "baseModelIdentifier": "m", "customizationType": "REINFORCEMENT_FINE_TUNING", "clientRequestToken": "t",
    "trainingDataConfig": [
      "invocationLogsConfig": [
        "usePromptResponse": true, "invocationLogSource": ["s3Uri": "s3://bucket/x"],
        "requestMetadataFilters": ["andAll": [["equals": ["a": "b"]]]],
      ]
    ],
    "validationDataConfig": ["validators": [["s3Uri": "s3://bucket/x"]]],
    "outputDataConfig": ["s3Uri": "s3://bucket/x"], "hyperParameters": ["seed": "1", "batchSize": "2"],
    "vpcConfig": ["subnetIds": ["s"], "securityGroupIds": ["s"]], "jobTags": [["key": "k", "value": "v"]],
    "customizationConfig": [
      "rftConfig": [
        "graderConfig": [
          "lambdaGrader": ["lambdaArn": "arn:aws:lambda:us-east-1:111122223333:function:f"]
        ],
        "hyperParameters": [
          "epochCount": 1, "batchSize": 16, "learningRate": 1e-5, "reasoningEffort": "low",
        ],
      ]
    ],
  ]

  @Test func `every body is read as it should be before it is spoilt`() throws {
    for (body, read) in Self.readers {
      let reader = WireReader(try #require(body.object))
      read(reader)
      #expect(reader.problems.sentences == [])
    }
  }

  @Test func `spoilt bodies trap nothing, and most of them are reported`() throws {
    for (body, read) in Self.readers {
      var reported = 0
      let mutations = Self.mutations(of: body)
      for mutation in mutations {
        let reader = WireReader(try #require(mutation.object))
        read(reader)
        if !reader.problems.sentences.isEmpty { reported += 1 }
      }
      #expect(mutations.count > 200)
      #expect(reported > mutations.count / 2, "\(reported) of \(mutations.count)")
    }
  }

  static var readers: [(JSONValue, (WireReader) -> Void)] {
    [
      (conversation, { _ = ConverseBody($0) }), (conversation, { _ = InvokeBody($0) }),
      (chat, { _ = InvokeBody($0) }), (job, { _ = CustomizationRequest($0, BedrockLimits()) }),
    ]
  }
}
