import Records
import Testing

@testable import Graders

/// The recipes' graders on replies written by hand.
@Suite struct RecipeTests {
  static let good = """
    Dear Elena,

    We are sorry about the refund for order 50722. We will pay it back within 2 business days.

    Best regards,
    The Support Team
    """

  /// What is changed in the good reply, and the rules that it then breaks.
  @Test(
    arguments: [
      ("", "", []), ("Dear Elena", "Hello Elena", []), ("Dear Elena", "Dear customer", ["greeting"]),
      ("Dear Elena", "Dear Elenas", ["greeting"]), ("We are sorry about", "This is about", ["courtesy"]),
      ("We are sorry about", "Thank you for telling us about", []), ("50722", "50723", ["order"]),
      ("50722", "507220", ["order"]), ("within 2 business days", "soon", ["time_frame"]),
      ("within 2 business days", "by tomorrow", []), ("within 2 business days", "in 24 hours", []),
      ("We will", "We guarantee to", ["restraint"]), ("We will", "100% sure: we will", ["restraint"]),
      ("The Support Team", "Tina", ["signature"]),
      ("The Support Team", "The Support Team\n\nPS: hello", ["signature"]),
      ("Best regards,", "best regards,", []),
      ("We will", String(repeating: "well ", count: 80) + "we will", ["restraint"]),
    ] as [(String, String, [String])])
  func `the house rules are kept by a good reply and broken one by one`(
    part: String, replacement: String, broken: [String]
  ) async throws {
    let grader = try compiled(try repositoryFile("Recipes/support-reply/grader.json"))
    let reply = part.isEmpty ? Self.good : Self.good.replacing(part, with: replacement)
    let grade = try await grader.grade(reply, item: #"{"customer_name": "Elena", "order_id": "50722"}"#)
    #expect(grade.subRewards.filter { $0.value == 0 }.map(\.name) == broken)
    #expect(grade.reward == Double(6 - broken.count) / 6)
  }

  @Test(
    arguments: [
      ("3 + 4 = 7\nAnswer: 7", 1), ("Answer: 7.", 1), ("Answer: 8", 0.1), ("7", 0), ("Answer: 7 apples", 0.9),
      ("Answer: seven", 0), ("", 0), ("Answer: 8\nAnswer: 7", 1), ("Answer: 7\nAnswer: 8", 0.1),
      ("**Answer:** 7", 0.9),
      ("Answer: 7 or 8", 0.9), ("Answer: N", 0),
    ] as [(String, Double)])
  func `arithmetic pays for the number and a little for its form`(reply: String, reward: Double) async throws
  {
    let grader = try compiled(try repositoryFile("Recipes/arithmetic/grader.json"))
    #expect(try await grader.reward(reply, item: #"{"answer": 7}"#) == reward)
  }

  @Test(
    arguments: [
      (#"{"name": "Anton Hale", "item": "red mugs", "quantity": 4}"#, 1),
      (#"{"name": "anton hale", "item": "Red mugs", "quantity": "4"}"#, 1),
      (#"Sure: {"name": "Anton Hale", "item": "red mugs", "quantity": 4}. Anything else?"#, 1),
      (#"{"name": "Anton Hale", "item": "mugs", "quantity": 4}"#, 0.1 + 0.9 * 2 / 3), ("{}", 0.1),
      (#"{"name": "", "item": "", "quantity": ""}"#, 0.1), (#"name: Anton Hale"#, 0), ("", 0),
      (#"{"name": "Anton Hale", "item": "red mugs", "quantity": 4, "more": 1}"#, 0.1 + 0.9 * 3 / 4),
      (#"{"name": "Anton Hale", "item": "red mugs", "quantity": 4"#, 0),
    ] as [(String, Double)])
  func `json extraction pays for the form a little and for each field`(reply: String, reward: Double)
    async throws
  {
    let grader = try compiled(try repositoryFile("Recipes/json-extraction/grader.json"))
    let item = #"{"answer": {"name": "Anton Hale", "item": "red mugs", "quantity": 4}}"#
    let given = try #require(try await grader.reward(reply, item: item))
    #expect((given - reward).magnitude < 1e-12, "\(reply)")
  }

  @Test(
    arguments: [
      ("Answer: 7 apples", [], 1), ("Answer: 8", [], 0), ("Answer: 8", [0.3, 0.3], 0),
      ("Answer: 8", [0.2, 0.2, 0.2], 0.1), ("Answer: 7 apples", [0.2, 0.2, 0.2], 0.9),
    ] as [(String, [Double], Double)])
  func `arithmetic pays for form only once the number is right often enough`(
    reply: String, rates: [Double], reward: Double
  ) async throws {
    let grader = try compiled(try repositoryFile("Recipes/arithmetic/grader.json"))
    var sample = try sample(reply, item: #"{"answer": 7}"#)
    sample.moment = GradingMoment(step: rates.count, passRates: rates)
    #expect(await grader.grade([sample])[0].reward == reward)
  }

  /// Three right answers of 4, 8 and 16 tokens and a wrong one of 2.
  @Test func `concise pays right answers for being short and wrong ones for nothing`() async throws {
    let grader = try compiled(try repositoryFile("Recipes/concise/grader.json"))
    let samples = try [
      ("The opposite is cold.", 4), ("Cold!", 8), ("'cold' (the opposite of hot)", 16), ("coldly", 2),
    ].map { try sample($0.0, item: #"{"answer": "cold"}"#, tokens: $0.1) }
    let rewards = await grader.grade(samples).map(\.reward)
    for (found, expected) in zip(rewards, [0.7 + 0.3 * 0.75, 0.7 + 0.3 * 0.5, 0.7, 0]) {
      #expect(abs(try #require(found) - expected) < 1e-12)
    }
  }

  @Test(arguments: ["support-reply", "arithmetic", "json-extraction", "concise"])
  func `a recipe's grader compiles without a warning`(recipe: String) throws {
    let definition = try JSONValue(parsing: repositoryFile("Recipes/\(recipe)/grader.json"))
    #expect(GraderCompiler.check(definition).diagnostics.isEmpty)
    #expect(try repositoryFile("Recipes/\(recipe)/plan.yaml").split(separator: "\n").count <= 25)
  }
}
