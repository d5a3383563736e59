import Gateway
import Inference
import Records
import Store
import Testing

/// Signatures that hold for a while: in addresses, and in Bedrock's short-term keys.
struct PresignedTests {
  @Test(.enabled(if: BotoScript.missing == nil, "\(BotoScript.missing ?? "")"))
  func `what botocore has presigned is taken, and nothing that was changed`() async throws {
    let service = try await TestService { _, _ throws(InferenceError) in ScriptedAnswering.stream([]) }
    let out = try await service.serve { port in
      try await BotoScript.run("presigned.py", service.arguments(port))
    }
    for key in ["key", "session", "url"] {
      #expect(out[key] == 200, "\(key): \(out[key]?.serialised() ?? "")")
    }
    // Known, so that what is missing is the path.
    #expect(out["openai"]?.array?.first == 404)
    for key in [
      "wrongSecret", "wrongAction", "tooLong", "noKey", "urlWrongSecret", "urlChanged", "urlAdded",
      "urlOfOther",
    ] {
      #expect(out[key]?.array?.first == 403, "\(key): \(out[key]?.serialised() ?? "")")
    }
    try lifetime(try #require(out["text"]?.string), service)
  }

  private func lifetime(_ url: String, _ service: TestService) throws {
    let parts = url.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: true)
    let host = try #require(parts.dropFirst().first)
    let request = SignableRequest(
      method: "GET", target: "/\(parts[2])", fields: [.init("host", String(host))])
    let presigned = try PresignedQuery(request.query)
    let secret = service.secrets.secret(of: service.mine.accessKeyID)
    let start = presigned.moment.time
    for (moment, holds) in [
      (start - 901, false), (start - 900, true), (start + 43_200, true), (start + 43_201, false),
    ] {
      var failure: SignatureFailure?
      do throws(SignatureFailure) {
        try SignatureVerifier().verify(request, presigned, body: [], secret: secret, at: moment)
      } catch { failure = error }
      #expect(failure?.kind == (holds ? nil : .skewed), "\(moment - start)")
    }
  }
}
