extension EvaluationRequest {
  private enum Key: String, CodingKey {
    case policy, plan, grader, compareWithBase
  }

  // The grader travels as text: Foundation's coders lose the order of its keys and the difference of 1 and 1.0.

  package func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(policy, forKey: .policy)
    try object.encode(plan, forKey: .plan)
    try object.encode(plan.grader.serialised(), forKey: .grader)
    try object.encode(compareWithBase, forKey: .compareWithBase)
  }

  package init(from decoder: any Decoder) throws {
    let object = try decoder.container(keyedBy: Key.self)
    var plan = try object.decode(Plan.self, forKey: .plan)
    plan.grader = try JSONValue(parsing: try object.decode(String.self, forKey: .grader))
    self.init(
      policy: try object.decode(PolicySource.self, forKey: .policy), plan: plan,
      compareWithBase: try object.decode(Bool.self, forKey: .compareWithBase))
  }
}
