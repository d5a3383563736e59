import BedrockShape
import Testing

struct ARNTests {
  @Test func `a name goes apart and comes together again`() throws {
    let text =
      "arn:aws:bedrock:us-east-1:111122223333:model-customization-job/amazon.nova-2-lite-v1:0:256k/abcd1234efgh"
    let arn = try #require(ARN(text))
    #expect(arn.description == text)
    #expect(arn.resource.hasPrefix("model-customization-job/"))
    #expect(ARN("amazon.nova") == nil)
  }
}
