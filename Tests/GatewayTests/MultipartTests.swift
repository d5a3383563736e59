import Gateway
import HTTPTypes
import Hummingbird
import NIOCore
import Testing

/// Forms, cut into pieces at every place where a network could cut them.
struct MultipartTests {
  /// A form's parts when it arrives in pieces of `size` bytes.
  func read(_ body: String, type: String = "multipart/form-data; boundary=XX", size: Int = 1 << 16)
    async throws -> [String]
  {
    let bytes = Array(body.utf8)
    let pieces = stride(from: 0, to: bytes.count, by: size).map {
      ByteBuffer(bytes: bytes[$0..<min($0 + size, bytes.count)])
    }
    let (stream, source) = AsyncStream.makeStream(of: ByteBuffer.self)
    for piece in pieces { source.yield(piece) }
    source.finish()
    let request = Request(
      head: HTTPRequest(
        method: .post, scheme: "http", authority: "x", path: "/v1/files", headerFields: [.contentType: type]),
      body: RequestBody(asyncSequence: stream))
    let form = try MultipartReader(request)
    var found: [String] = []
    while let part = try await form.nextPart() {
      let text = try await form.text(limit: 1 << 20)
      found.append("\(part.name)|\(part.filename ?? "-")|\(part.contentType ?? "-")|\(text)")
    }
    return found
  }

  static let whole =
    "--XX\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n"
    + "--XX\r\ncontent-disposition: form-data; name=\"file\"; filename=\"rows.jsonl\"\r\n"
    + "Content-Type: application/octet-stream\r\n\r\n{\"a\": 1}\r\n--X not a boundary\r\n--\r\n\r\r\n"
    + "\r\n--XX \t\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--XX--\r\nepilogue"

  @Test(arguments: [1, 2, 3, 5, 7, 16, 64, 1000])
  func `a form is the same in pieces of any size`(_ size: Int) async throws {
    #expect(
      try await read(Self.whole, size: size) == [
        "purpose|-|-|fine-tune",
        "file|rows.jsonl|application/octet-stream|{\"a\": 1}\r\n--X not a boundary\r\n--\r\n\r\r\n",
        "empty|-|-|",
      ])
  }

  @Test func `a preamble is passed over and a form may be empty`() async throws {
    #expect(try await read("hello\r\n--XX--\r\n") == [])
    #expect(
      try await read("hello\r\n--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--XX--") == [
        "a|-|-|1"
      ])
  }

  @Test(arguments: [
    ("filename=\"../../etc/passwd\"", "passwd"), ("filename=\"C:\\data\\rows.jsonl\"", "rows.jsonl"),
    ("filename=\"a\\\"b.txt\"", "a\"b.txt"), ("filename=\"a%22b.txt\"", "a\"b.txt"),
    ("filename=\"..\"", ""), ("filename=plain.txt", "plain.txt"),
    ("filename=\"x; name=y.txt\"", "x; name=y.txt"),
    ("filename=\"x\"; filename*=UTF-8''r%C3%A9sum%C3%A9.txt", "résumé.txt"),
    ("filename=\"a%0D%0Ab\"", "ab"),
  ])
  func `a file's name is its last component and no more`(_ parameter: String, _ name: String) async throws {
    let body = "--XX\r\nContent-Disposition: form-data; name=\"file\"; \(parameter)\r\n\r\n\r\n--XX--"
    #expect(try await read(body) == ["file|\(name)|-|"])
  }

  @Test(arguments: [
    // Cut off
    "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1",
    "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX",
    "--XX\r\nContent-Disposition", "", "--X",
    // No name, no disposition, no header, a folded line
    "--XX\r\nContent-Disposition: form-data\r\n\r\n1\r\n--XX--",
    "--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--XX--",
    "--XX\r\n\r\n1\r\n--XX--", "--XX\r\nnonsense\r\n\r\n1\r\n--XX--",
    "--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n--XX--",
    "--XX\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\n1\r\n--XX--",
    "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: base64\r\n\r\n1\r\n--XX--",
    // A boundary that goes on
    "--XXY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--XX--",
  ])
  func `what is no form is refused with a sentence`(_ body: String) async throws {
    for size in [1, 1000] {
      let failure = await #expect(throws: APIFailure.self) { try await read(body, size: size) }
      #expect(failure?.kind == .invalid)
    }
  }

  @Test func `headers, preambles and numbers of parts are bounded`() async throws {
    let long =
      "--XX\r\nContent-Disposition: form-data; name=\"\(String(repeating: "a", count: 20_000))\"\r\n\r\n"
    await #expect(throws: APIFailure.self) { try await read(long + "\r\n--XX--") }
    await #expect(throws: APIFailure.self) { try await read(long, size: 100) }
    await #expect(throws: APIFailure.self) { try await read(String(repeating: "-", count: 100_000)) }
    let one = "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n"
    #expect(try await read(String(repeating: one, count: 256) + "--XX--").count == 256)
    await #expect(throws: APIFailure.self) { try await read(String(repeating: one, count: 257) + "--XX--") }
  }

  @Test(arguments: [
    "application/json", "multipart/form-data", "multipart/form-data; boundary=",
    "multipart/form-data; boundary=\"", "multipart/mixed; boundary=XX",
    "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
  ])
  func `other types and boundaries are refused`(_ type: String) async throws {
    await #expect(throws: APIFailure.self) { try await read(Self.whole, type: type) }
  }
}
