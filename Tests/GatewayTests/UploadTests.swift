import Foundation
import Gateway
import Hummingbird
import Records
import Store
import Testing

/// Files through the whole way: network, form, disk.
struct UploadTests {
  /// A route that saves the form's file.
  static func route(_ router: Router<APIContext>, _ folder: String) {
    router.post("/v1/files") { request, context -> Response in
      _ = try context.caller(for: .write)
      let form = try MultipartReader(request)
      var answer = JSONObject()
      while let part = try await form.nextPart() {
        guard part.name == "file" else {
          answer[part.name] = .string(try await form.text())
          continue
        }
        let saved = try await form.save(to: folder + "/upload", limit: 40 << 20)
        answer["filename"] = .string(part.filename ?? "")
        answer["bytes"] = .integer(saved.bytes)
        answer["sha256"] = .string(saved.sha256)
      }
      return .json(.object(answer))
    }
  }

  static func form(_ content: [UInt8], ending: String = "\r\n--XX--\r\n") -> [UInt8] {
    Array(
      ("--XX\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--XX\r\n"
        + "Content-Disposition: form-data; name=\"file\"; filename=\"../rows.jsonl\"\r\n\r\n").utf8) + content
      + Array(ending.utf8)
  }

  static let type = ["content-type": "multipart/form-data; boundary=XX"]

  @Test(.timeLimit(.minutes(30)))
  func `a file of many pieces arrives whole, and its digest is right`() async throws {
    try await TestServer.run(routes: Self.route) { server in
      var generator = RandomNumbers(state: 7)
      // One block again and again, each with its number: drawing all of it would take a thread for half a minute.
      let block = (0..<(64 << 10)).map { _ in UInt8.random(in: 9...14, using: &generator) }
      let content = (0..<480).flatMap { Array("\($0)".utf8) + block }
      let answer = try await server.send("POST", "/v1/files", headers: Self.type, body: Self.form(content))
      #expect(answer.status == 200)
      #expect(answer.json?["bytes"]?.integer == content.count)
      #expect(answer.json?["filename"]?.string == "rows.jsonl")
      #expect(answer.json?["purpose"]?.string == "fine-tune")
      #expect(answer.json?["sha256"]?.string == Digest.hex(Digest.sha256(content)))
      #expect(FileManager.default.contents(atPath: server.folder + "/upload").map { Array($0) } == content)
      let attributes = try FileManager.default.attributesOfItem(atPath: server.folder + "/upload")
      #expect(attributes[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `what is cut off or too large leaves no file`() async throws {
    try await TestServer.run(routes: Self.route) { server in
      let content = [UInt8](repeating: 65, count: 1 << 20)
      let cut = try await server.send(
        "POST", "/v1/files", headers: Self.type, body: Self.form(content, ending: ""))
      #expect(cut.status == 400)
      #expect(!FileManager.default.fileExists(atPath: server.folder + "/upload"))
      let large = [UInt8](repeating: 65, count: 41 << 20)
      let answer = try await server.send("POST", "/v1/files", headers: Self.type, body: Self.form(large))
      #expect(answer.status == 413)
      #expect(!FileManager.default.fileExists(atPath: server.folder + "/upload"))
    }
  }

  /// Numbers that are the same in every run.
  struct RandomNumbers: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return state ^ (state >> 29)
    }
  }
}
