import Records

extension GradingSample {
  /// The sample as the Python side of reward functions takes it.
  var rewardRequest: JSONValue {
    var object = JSONObject([
      ("id", .string(exampleID)),
      ("sample", pythonSample),
      ("item", .object(item)),
      ("messages", .array(messages.map(\.json))),
      ("is_truncated", .bool(isTruncated)),
    ])
    if let tokenIDs { object["token_ids"] = .array(tokenIDs.map { .integer(Int($0)) }) }
    return .object(object)
  }
}
