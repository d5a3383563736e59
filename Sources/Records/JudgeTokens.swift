/// What a judge model read and wrote.
public struct JudgeTokens: Sendable, Hashable, Codable {
  /// Tokens of the prompts, cached ones included.
  public var prompt: Int
  /// Tokens of the prompts that the endpoint had cached.
  public var cached: Int
  /// Tokens of the answers.
  public var completion: Int

  /// Counts; all are 0 where the endpoint says nothing.
  public init(prompt: Int = 0, cached: Int = 0, completion: Int = 0) {
    self.prompt = prompt
    self.cached = cached
    self.completion = completion
  }

  /// The sum of both.
  public static func + (a: JudgeTokens, b: JudgeTokens) -> JudgeTokens {
    JudgeTokens(
      prompt: a.prompt + b.prompt, cached: a.cached + b.cached, completion: a.completion + b.completion)
  }
}
