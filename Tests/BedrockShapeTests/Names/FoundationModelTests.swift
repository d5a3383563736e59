import Cluster
import Testing

@testable import BedrockShape

struct FoundationModelTests {
  let models = FoundationModels(
    ModelCatalogue([
      .init(name: "SmolLM2 135M", source: "a", aliases: ["amazon.nova-2-lite-v1:0", "smol"]),
      .init(name: "qwen.qwen3-32b", source: "b", aliases: ["amazon.nova-2-lite-v1:0"]),
    ]))

  @Test func `every model has an id of Bedrock's form, and so have its aliases of that form`() {
    #expect(
      models.offers.map(\.id) == ["operant.smollm2-135m", "amazon.nova-2-lite-v1:0", "qwen.qwen3-32b"])
    #expect(models.offers[0].provider == "operant")
  }

  @Test(arguments: [
    ("operant.smollm2-135m", "SmolLM2 135M"), ("SmolLM2 135M", "SmolLM2 135M"), ("smol", "SmolLM2 135M"),
    ("us.amazon.nova-2-lite-v1:0", "SmolLM2 135M"), ("global.qwen.qwen3-32b", "qwen.qwen3-32b"),
    ("arn:aws:bedrock:us-east-1::foundation-model/qwen.qwen3-32b", "qwen.qwen3-32b"),
    ("arn:aws:bedrock:us-east-1:111122223333:inference-profile/eu.qwen.qwen3-32b", "qwen.qwen3-32b"),
  ])
  func `models are found by all their names`(_ identifier: String, _ name: String) {
    #expect(models.offer(identifier)?.entry.name == name)
  }

  @Test(arguments: [
    "", "x", "arn:aws:bedrock:us-east-1::custom-model/qwen.qwen3-32b", "arn:aws:s3:::b/qwen.qwen3-32b",
  ])
  func `others are not`(_ identifier: String) { #expect(models.offer(identifier) == nil) }

  @Test(arguments: [
    ("amazon.nova-2-lite-v1:0:256k", true), ("a.b", true), ("a", false), ("a.b:c:d:e", false), ("a.B", false),
    ("a..b", false), ("a.b:", false),
  ])
  func `ids have a form`(_ text: String, _ holds: Bool) { #expect(FoundationModels.isID(text) == holds) }
}
