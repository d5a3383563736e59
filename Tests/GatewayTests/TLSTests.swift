import Foundation
import Gateway
import OperantTesting
import Testing

/// The door with a certificate, tried with OpenSSL's own client.
struct TLSTests {
  static let openssl = ["/usr/bin/openssl", "/usr/local/bin/openssl"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// Runs openssl to its end, beside the pool; gives what it printed and how it ended.
  static func run(_ arguments: [String], input: String = "") async throws -> (text: String, status: Int32) {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try input.write(toFile: folder + "/in", atomically: true, encoding: .utf8)
    _ = FileManager.default.createFile(atPath: folder + "/out", contents: nil)
    let process = Process()
    process.executableURL = URL(filePath: openssl ?? "")
    process.arguments = arguments
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: folder + "/in"))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: folder + "/out"))
    process.standardError = FileHandle.nullDevice
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      process.terminationHandler = { _ in done.resume() }
      do { try process.run() } catch {
        process.terminationHandler = nil
        done.resume(throwing: error)
      }
    }
    return (try String(contentsOfFile: folder + "/out", encoding: .utf8), process.terminationStatus)
  }

  @Test(.enabled(if: Self.openssl != nil, "no openssl on this machine"), .timeLimit(.minutes(30)))
  func `a certificate of one's own opens TLS 1.2 and 1.3, and nothing older`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (certificate, key) = (folder + "/cert.pem", folder + "/key.pem")
    let made = try await Self.run([
      "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
      "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
    ])
    #expect(made.status == 0)
    try await TestServer.run(tls: .init(certificate: certificate, key: key)) { server in
      let get =
        "GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.secret)\r\nConnection: close\r\n\r\n"
      for version in ["-tls1_2", "-tls1_3"] {
        let answer = try await Self.run(
          [
            "s_client", "-quiet", "-connect", "127.0.0.1:\(server.port)", "-CAfile", certificate,
            "-verify_return_error", "-verify_hostname", "localhost", version,
          ], input: get)
        #expect(answer.text.hasPrefix("HTTP/1.1 200 OK"), "\(version)")
      }
      let old = try await Self.run(
        [
          "s_client", "-quiet", "-connect", "127.0.0.1:\(server.port)", "-tls1_1", "-cipher",
          "ALL:@SECLEVEL=0",
        ], input: get)
      #expect(old.status != 0)
      #expect(!old.text.contains("HTTP/1.1"))
      let plain = RawConnection(port: server.port)
      await plain.send(get)
      await plain.finish()
      #expect(!(await plain.receive()).contains("200 OK"))
    }
    #expect(throws: (any Error).self) {
      try GatewayServer(host: "127.0.0.1", port: 0, tls: .init(certificate: key, key: certificate)).check()
    }
  }
}
