import Testing

@testable import OpenAIShape

struct WebhookSignatureTests {
  /// The example of the Standard Webhooks libraries.
  @Test func `a signature is the specification's own`() {
    let headers = WebhookSignature.headers(
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: 1_614_265_330, body: #"{"test": 2432232314}"#,
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    #expect(headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    #expect(headers["webhook-timestamp"] == "1614265330")
  }
}
