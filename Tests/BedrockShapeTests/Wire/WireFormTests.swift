import Gateway
import Records
import Store
import Testing

@testable import BedrockShape

/// The forms of names and ARNs, by what the service's description says of each.
struct WireFormTests {
  @Test(arguments: [
    ("a", true), ("a-b.c+d", true), ("9x", true), ("a--b", true), ("a-", true), ("-a", false), ("", false),
    ("a_b", false), ("a b", false), (String(repeating: "a", count: 63), true),
    (String(repeating: "a", count: 64), false), (String(repeating: "-", count: 62) + "!", false),
  ])
  func `names of jobs`(_ text: String, _ holds: Bool) { check(.jobName, text, holds) }

  @Test(arguments: [
    ("a", true), ("a-b_c", true), ("a-", true), ("a--b", false), ("a_-b", false), ("_a", false),
    ("a.b", false),
    (String(repeating: "a-", count: 31), true),
  ])
  func `names of models`(_ text: String, _ holds: Bool) { check(.modelName, text, holds) }

  @Test(arguments: [
    ("arn:aws:iam::111122223333:role/x", true), ("arn:aws:iam:::role/path/x", true),
    ("arn:aws-cn:iam::111122223333:role/x", true), ("arn:aws:iam::1111:role/x", false),
    ("arn:aws:iam::111122223333:role/", false), ("arn:aws:iam::111122223333:user/x", false), ("role", false),
  ])
  func `roles`(_ text: String, _ holds: Bool) { check(.roleARN, text, holds) }

  @Test(arguments: [
    ("arn:aws:lambda:us-east-1:111122223333:function:grade", true),
    ("arn:aws:lambda:us-east-1:111122223333:function:grade:$LATEST", true),
    ("arn:aws:lambda:us-east-1:111122223333:function:grade:prod_1", true),
    ("arn:aws:lambda:us-east-1:111122223333:function:", false),
    ("arn:aws:lambda:us-east-1:111122223333:function:grade:$X", false),
    ("arn:aws:lambda:us-east-1:1111:function:grade", false), ("grade", false),
  ])
  func `functions`(_ text: String, _ holds: Bool) { check(.lambdaARN, text, holds) }

  @Test(arguments: [
    ("arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova:1/abcdefghijkl", true),
    ("arn:aws:bedrock:us-east-1:111122223333:custom-model/imported/abcdefghijkl", true),
    ("arn:aws:bedrock:us-east-1:111122223333:custom-model/amazon.nova/ABCDEFGHIJKL", false),
    ("arn:aws:bedrock:us-east-1:111122223333:custom-model/abcdefghijkl", false),
  ])
  func `custom models`(_ text: String, _ holds: Bool) { check(.customModelARN, text, holds) }

  @Test(arguments: [
    ("a", true), ("token-1", true), ("-a", false), ("a-", false), ("a_b", false),
    (String(repeating: "a", count: 256), true), (String(repeating: "a", count: 257), false),
  ])
  func `tokens`(_ text: String, _ holds: Bool) { check(.token, text, holds) }

  private func check(_ form: WireForm, _ text: String, _ holds: Bool) {
    let problems = WireProblems()
    let read = WireReader.string(.string(text), form, at: "x", problems)
    #expect((read == text) == holds)
    #expect(problems.sentences.isEmpty == holds)
  }

  @Test(arguments: [
    ("2026-11-22T06:30:00Z", 1_795_329_000), ("2026-11-22T07:30:00+01:00", 1_795_329_000),
    ("2026-11-22T06:30:00.999Z", 1_795_329_000), ("1795329000", 1_795_329_000),
  ])
  func `times are read in every spelling, and written in one`(_ text: String, _ time: UnixTime) {
    #expect(WireTime.time(text) == time)
    #expect(WireTime.text(time) == "2026-11-22T06:30:00Z")
  }

  @Test(arguments: ["", "yesterday", "2026-13-01T00:00:00Z", "nan", "1e30"])
  func `what is no time is none`(_ text: String) { #expect(WireTime.time(text) == nil) }

  @Test func `a list's position is read by its own list only`() throws {
    let token = WireQuery.token(after: "mcj-1", "jobs")
    let query = WireQuery("nextToken=\(token)&maxResults=7&sortOrder=Ascending")
    let page = query.page(of: "jobs")
    #expect(page == PageRequest(limit: 7, after: "mcj-1", ascending: true))
    #expect(query.problems.sentences.isEmpty)
    for wrong in ["nextToken=\(token)", "nextToken=abc", "maxResults=0", "maxResults=1001", "sortBy=Name"] {
      let query = WireQuery(wrong)
      _ = query.page(of: "models")
      #expect(query.problems.sentences.count == 1, "\(wrong)")
    }
  }

  @Test(arguments: [
    ("/custom-models/a%2Fb%3Ac", "", "a/b:c"), ("/custom-models/arn:aws:x/y/z", "", "arn:aws:x/y/z"),
    ("/custom-models/a/stop", "/stop", "a"), ("/custom-models/a/stop/", "/stop", "a"),
    ("/custom-models/%E4%BD%A0", "", "你"),
  ])
  func `names in paths are decoded`(_ path: String, _ end: String, _ name: String) throws {
    #expect(try Bedrock.identifier(in: path, after: "/custom-models/", before: end) == name)
  }

  @Test(arguments: [
    "/custom-models/%FF", "/custom-models/", "/custom-models/" + String(repeating: "a", count: 2049),
  ])
  func `names that are none are refused`(_ path: String) {
    #expect(throws: APIFailure.self) {
      try Bedrock.identifier(in: path, after: "/custom-models/", before: "")
    }
  }
}
