import Jobs
import Records
import Store
import Testing

@testable import BedrockShape

struct CustomizationTests {
  @Test func `the map of texts takes what Bedrock has no field for, and lowest values that it has not`() {
    var choices = TuningChoices()
    for (key, value) in [
      ("batchSize", "2"), ("trainingSamplePerPrompt", "4"), ("learningRate", "0.01"), ("lora_rank", "4"),
      ("algorithm.kl.coefficient", "0.1"), ("reasoningEffort", "low"),
    ] {
      #expect(choices.setExtension(key, value) == nil, "\(key)")
    }
    #expect(choices.batchSize == 2)
    #expect(choices.samplesPerPrompt == 4)
    #expect(choices.learningRate == 0.01)
    #expect(choices.reasoningEffort == .low)
    #expect(choices.overrides == ["training.lora.rank": "4", "algorithm.kl.coefficient": "0.1"])
    for (key, value) in [
      ("batchSize", "0"), ("batchSize", "x"), ("trainingSamplePerPrompt", "1"), ("learningRate", "nan"),
      ("learningRate", "-1"), ("reasoningEffort", "none"), ("nonsense", "1"), ("epochCount", "1.5"),
    ] {
      #expect(choices.setExtension(key, value) != nil, "\(key)")
    }
  }

  @Test(arguments: [
    (0.001, 0.001), (0.0010000000474974513, 0.001), (1e-7, 1e-7),
    (1.0000000116860974e-07, 1.0000000116860974e-07),
  ])
  func `a rate of single precision is not beyond the limit that it means`(_ sent: Double, _ rate: Double) {
    let reader = WireReader(JSONObject([("learningRate", .number(sent))]))
    #expect(TuningChoices(reader, BedrockLimits()).learningRate == rate)
    #expect(reader.problems.sentences.isEmpty)
  }

  @Test(arguments: [0.00101, 0.99e-7, 0, -1])
  func `a rate beyond the limits is refused`(_ sent: Double) {
    let reader = WireReader(JSONObject([("learningRate", .number(sent))]))
    _ = TuningChoices(reader, BedrockLimits())
    #expect(reader.problems.sentences.count == 1)
  }

  @Test func `functions are found by ARN and name, with and without their version`() throws {
    var settings = BedrockSettings(workFolder: "/w", objects: .folder("/s"))
    settings.lambdas = [
      "grade": .handler(path: "/g.py"),
      "arn:aws:lambda:us-east-1:111122223333:function:a": .grader(["type": "x"]),
    ]
    let start = "arn:aws:lambda:us-east-1:111122223333:function:"
    func definition(_ arn: String) throws -> JSONValue {
      try LambdaGraders(settings: settings).definition(of: arn).get()
    }
    #expect(try definition(start + "grade")["lambda"]?["file"] == "/g.py")
    #expect(try definition(start + "grade:$LATEST")["lambda"]?["file"] == "/g.py")
    #expect(try definition(start + "a:1")["type"] == "x")
    #expect(throws: LambdaGraders.Missing.self) { try definition(start + "b") }
    settings.lambdaEndpoint = "http://127.0.0.1:9001"
    #expect(try definition(start + "b")["lambda"]?["endpoint_url"] == "http://127.0.0.1:9001")
    #expect(try definition(start + "b")["lambda"]?["function"]?.string == start + "b")
    settings.lambdas["c"] = .definition(path: "/nowhere.json")
    #expect(throws: LambdaGraders.Missing.self) { try definition(start + "c") }
  }

  @Test(arguments: [
    (#"{"equals":{"a":"1"}}"#, true), (#"{"equals":{"a":"2"}}"#, false), (#"{"notEquals":{"a":"1"}}"#, false),
    (#"{"notEquals":{"x":"1"}}"#, true), (#"{"andAll":[{"equals":{"a":"1"}},{"equals":{"b":""}}]}"#, true),
    (#"{"andAll":[{"equals":{"a":"1"}},{"notEquals":{"b":""}}]}"#, false),
    (#"{"orAll":[{"equals":{"a":"0"}},{"equals":{"b":""}}]}"#, true),
  ])
  func `filters see what senders said`(_ text: String, _ passes: Bool) throws {
    let object = try #require(try JSONValue(parsing: text).object)
    let filter = try #require(MetadataFilter(WireReader(object)))
    #expect(filter.passes(["a": "1", "b": ""]) == passes)
  }

  @Test(arguments: [
    "{}", #"{"equals":{}}"#, #"{"equals":{"a":"1","b":"2"}}"#, #"{"equals":{"a":1}}"#, #"{"andAll":[]}"#,
    #"{"andAll":[{}]}"#, #"{"equals":{"a":"1"},"notEquals":{"a":"1"}}"#, #"{"equals":{"a!":"1"}}"#,
  ])
  func `filters of no form are reported`(_ text: String) throws {
    let reader = WireReader(try #require(try JSONValue(parsing: text).object))
    #expect(MetadataFilter(reader) == nil)
    #expect(!reader.problems.sentences.isEmpty)
  }
}
