import Gateway
import HTTPTypes
import HummingbirdCore
import Testing

struct DialectTests {
  @Test(arguments: [
    ("/v1/files", Dialect.openai), ("/openai/v1/models", .openai), ("/model-customization-jobs", .aws),
    ("/model/arn%3Aaws/converse", .aws), ("/models", .openai), ("/custom-models/x", .aws),
    ("/tagResource", .aws),
  ])
  func `a path tells whose words are wanted`(_ path: String, _ dialect: Dialect) {
    #expect(Dialect(path: path) == dialect)
  }

  @Test(arguments: [
    ("/guardrails", Dialect.aws), ("/", .aws), ("/v1/files", .openai), ("/openai/v1/models", .openai),
  ])
  func `what is signed is answered in AWS's words, but for OpenAI's paths`(_ path: String, _ dialect: Dialect)
  {
    #expect(Dialect(path: path, authorization: "AWS4-HMAC-SHA256 Credential=x") == dialect)
    #expect(Dialect(path: path, authorization: "Bearer x") == .openai)
  }

  @Test(arguments: APIFailure.Kind.allCases)
  func `every kind of failure has a status that is one`(_ kind: APIFailure.Kind) {
    let failure = APIFailure(kind, "x")
    #expect((400...599).contains(failure.status.code))
    #expect((400...599).contains(Dialect.aws.response(failure).status.code))
  }
}
