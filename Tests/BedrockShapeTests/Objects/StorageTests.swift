import BedrockShape
import Foundation
import Testing

/// Objects in folders and in an S3 that checks signatures: the same things hold of both.
struct StorageTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "objects-\(UUID().uuidString)").path

  /// Writes, reads, lists, and misses what is not there.
  ///
  /// - Parameter listsFolders: false where a list by a prefix with a slash cannot be asked for: moto, where it checks
  ///   signatures, encodes the slash once too often and refuses botocore's own requests too.
  private func exercise(_ storage: any ObjectStorage, listsFolders: Bool = true) async throws {
    let source = folder + "/source"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (key, text) in [("a/one.txt", "1"), ("a/two.txt", "22"), ("b/it.txt", "333"), ("ab.txt", "")] {
      try text.write(toFile: source, atomically: true, encoding: .utf8)
      try await storage.put(source, at: S3Address(bucket: "bucket", key: key))
    }
    try "new".write(toFile: source, atomically: true, encoding: .utf8)
    try await storage.put(source, at: S3Address(bucket: "bucket", key: "a/one.txt"))
    let path = try #require(
      try await storage.file(S3Address(bucket: "bucket", key: "a/one.txt"), copyInto: folder))
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
    #expect(try await storage.file(S3Address(bucket: "bucket", key: "a/none"), copyInto: folder) == nil)
    #expect(try await storage.file(S3Address(bucket: "bucket", key: "a"), copyInto: folder) == nil)
    func keys(_ prefix: String) async throws -> [String] {
      try await storage.objects(below: S3Address(bucket: "bucket", key: prefix)).map(\.key)
    }
    #expect(try await keys("") == ["a/one.txt", "a/two.txt", "ab.txt", "b/it.txt"])
    if listsFolders { #expect(try await keys("a/") == ["a/one.txt", "a/two.txt"]) }
    #expect(try await keys("a") == ["a/one.txt", "a/two.txt", "ab.txt"])
    if listsFolders { #expect(try await keys("a/t") == ["a/two.txt"]) }
    #expect(try await storage.objects(below: S3Address(bucket: "nothing", key: "")) == [])
    try? FileManager.default.removeItem(atPath: folder)
  }

  @Test func `a folder holds objects`() async throws {
    try await exercise(FolderStorage(root: folder + "/s3"))
  }

  @Test(.enabled(if: MotoServer.missing == nil, "moto is not there"))
  func `an S3 that checks signatures holds objects, and refuses another secret`() async throws {
    let server = try await MotoServer()
    try await exercise(try S3Client(server.endpoint), listsFolders: false)
    var wrong = server.endpoint
    wrong.secretAccessKey += "x"
    let client = try S3Client(wrong)
    let error = await #expect(throws: ObjectFailure.self) {
      _ = try await client.file(S3Address(bucket: "bucket", key: "a/two.txt"), copyInto: folder)
    }
    #expect(error?.message.contains("403") == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("SignatureDoesNotMatch") == true, "\(error?.message ?? "")")
  }

  @Test(arguments: ["", "localhost:9000", "ftp://x", "http://x/path"])
  func `an endpoint that is none is refused`(_ url: String) {
    #expect(throws: ObjectFailure.self) {
      try S3Client(S3Endpoint(url: url, accessKeyID: "a", secretAccessKey: "b"))
    }
  }

  @Test(arguments: [
    ("s3://bucket/key", "bucket", "key"), ("s3://bucket", "bucket", ""), ("s3://b-1.x/a/b/", "b-1.x", "a/b/"),
    ("s3://bucket/(a)!_'*.jsonl", "bucket", "(a)!_'*.jsonl"),
  ])
  func `addresses are read`(_ text: String, _ bucket: String, _ key: String) {
    #expect(S3Address(text) == S3Address(bucket: bucket, key: key))
  }

  @Test(arguments: [
    "bucket/key", "s3://", "s3://b/x", "s3://Bucket/x", "s3://-bucket/x", "s3://bucket//x",
    "s3://bucket/../x",
    "s3://bucket/a/./b", "s3://bucket/..", "s3://bucket/a b", "s3://bucket/a%2e", "s3://bucket/é",
    "s3://../x",
    "s3://bucket/a\\b", "s3://bucket/a\u{0}",
  ])
  func `what is no address, or would leave the bucket, is none`(_ text: String) {
    #expect(S3Address(text) == nil)
  }

  @Test func `something below an address has one slash between`() {
    #expect(S3Address("s3://bucket/out/")?.appending("x/y").description == "s3://bucket/out/x/y")
    #expect(S3Address("s3://bucket/out")?.appending("x").description == "s3://bucket/out/x")
    #expect(S3Address("s3://bucket")?.appending("x").description == "s3://bucket/x")
  }
}
