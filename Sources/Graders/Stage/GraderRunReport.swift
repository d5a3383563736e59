package import Records

/// The answer of OpenAI's grader-run call for one grade, with every flag present.
///
/// One departure: the reward of a grade that failed is null, where OpenAI's service answers 0 beside the flag, because
/// whoever reads only the reward must not take a failure for a bad answer.
package struct GraderRunReport: Sendable, Hashable {
  package let json: JSONValue

  package init(_ grade: Grade, by grader: GraderIdentity) {
    let reward: JSONValue =
      switch grade.outcome {
      case .reward(let value): .number(value)
      case .failed: .null
      }
    let subRewards = JSONObject(grade.subRewards.map { ($0.name, .number($0.value)) })
    let scores = grade.subRewards.isEmpty ? JSONObject([(grader.name, reward)]) : subRewards
    json = [
      "reward": reward,
      "metadata": [
        "name": .string(grader.name),
        "type": .string(grader.type),
        "errors": Self.errors(of: grade),
        "execution_time": .number(grade.latencySeconds),
        "scores": .object(scores),
        "token_usage": grade.judgeTokens.isEmpty
          ? .null : .integer(grade.judgeTokens.values.reduce(0) { $0 + $1.total }),
        // One name has room here; of several judges, the usage below has all.
        "sampled_model_name": grade.judgeTokens.count == 1
          ? grade.judgeTokens.keys.first.map(JSONValue.string) ?? .null : .null,
      ],
      "sub_rewards": .object(subRewards),
      "model_grader_token_usage_per_model": Self.usage(grade.judgeTokens),
    ]
  }

  private static func usage(_ tokens: [String: JudgeTokens]) -> JSONValue {
    .object(
      JSONObject(
        tokens.sorted { $0.key < $1.key }.map { model, tokens in
          (
            model,
            [
              "prompt_tokens": .integer(tokens.prompt), "completion_tokens": .integer(tokens.completion),
              "total_tokens": .integer(tokens.total), "cached_tokens": .integer(tokens.cached),
            ]
          )
        }))
  }

  /// The flags, in OpenAI's order, and `error_details` with the sentence of a failure, whatever its kind.
  private static func errors(of grade: Grade) -> JSONValue {
    let failure = grade.failure
    func details(_ kind: GradeFailure.Kind) -> JSONValue {
      failure?.kind == kind ? failure.map { .string($0.message) } ?? .null : .null
    }
    let isUnreadable = grade.metrics[Grade.sampleParseError].map { $0 != 0 } ?? false
    var flags = JSONObject()
    for kind in GradeFailure.Kind.reportOrder {
      flags[kind.rawValue] = .bool(failure?.kind == kind || (kind == .sampleParse && isUnreadable))
      switch kind {
      case .pythonServer: flags["python_grader_server_error_type"] = details(.pythonServer)
      case .pythonRuntime: flags["python_grader_runtime_error_details"] = details(.pythonRuntime)
      case .modelParse: flags["model_grader_server_error_details"] = details(.modelServer)
      default: break
      }
    }
    flags["error_details"] = failure.map { .string($0.description) } ?? .null
    return .object(flags)
  }
}

extension JudgeTokens {
  fileprivate var total: Int { prompt + completion }
}

extension GradeFailure.Kind {
  /// The order of the flags in OpenAI's answer.
  fileprivate static let reportOrder: [Self] = [
    .formulaParse, .sampleParse, .truncatedObservation, .unresponsiveReward, .invalidVariable, .other,
    .pythonServer, .pythonRuntime, .modelServer, .modelRefusal, .modelParse,
  ]
}
