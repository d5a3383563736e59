import Foundation
import Testing

@testable import OpenAIShape

struct HostAddressTests {
  @Test func `each address lies where it lies, however it is written`() throws {
    let cases: [(String, HostAddress.Reach)] = [
      ("8.8.8.8", .outside), ("172.15.0.1", .outside), ("172.32.0.1", .outside), ("100.63.0.1", .outside),
      ("127.0.0.1", .inside), ("10.1.2.3", .inside), ("172.16.0.1", .inside), ("172.31.255.255", .inside),
      ("192.168.0.1", .inside), ("100.64.0.1", .inside), ("169.254.169.254", .linkLocal),
      ("169.254.0.1", .linkLocal), ("100.100.100.200", .linkLocal), ("168.63.129.16", .linkLocal),
      ("0.0.0.0", .nobody), ("224.0.0.1", .nobody), ("255.255.255.255", .nobody), ("192.0.2.1", .nobody),
      ("::1", .inside), ("::", .nobody), ("fe80::1%eth0", .linkLocal), ("fd00:ec2::254", .linkLocal),
      ("fd12::1", .inside), ("fc00::1", .inside), ("ff02::1", .nobody), ("2606:4700::1111", .outside),
      ("[::ffff:127.0.0.1]", .inside), ("::ffff:169.254.169.254", .linkLocal),
      ("64:ff9b::a9fe:a9fe", .linkLocal), ("2002:7f00:1::", .inside), ("::127.0.0.1", .nobody),
    ]
    for (text, reach) in cases {
      let address = try #require(HostAddress(literal: text), "\(text)")
      #expect(address.reach == reach, "\(text)")
    }
    for name in ["localhost", "example.com", "1.2.3", "0x7f000001", "2130706433", ""] {
      #expect(HostAddress(literal: name) == nil, "\(name)")
    }
    // What the resolver reads as an address, whatever it looks like, is looked at as one.
    #expect(HostAddress.resolve("2130706433").allSatisfy { $0.reach == .inside })
    #expect(HostAddress.resolve("localhost").allSatisfy { $0.reach == .inside })
  }

  @Test func `each setting goes as far as it says`() throws {
    let cases: [(String, outside: Bool, inside: Bool, everywhere: Bool)] = [
      ("https://example.com/hook", true, true, true), ("http://example.com/hook", false, true, true),
      ("https://127.0.0.1:9/x", false, true, true), ("http://[::1]/", false, true, true),
      ("https://169.254.169.254/latest", false, false, true), ("ftp://example.com/", false, false, false),
      ("https://user:secret@example.com/", false, false, false), ("https://0.0.0.0/", false, false, false),
    ]
    for (text, outside, inside, everywhere) in cases {
      let url = try #require(URL(string: text))
      #expect((WebhookReach.outside.objection(to: url) == nil) == outside, "\(text)")
      #expect((WebhookReach.inside.objection(to: url) == nil) == inside, "\(text)")
      #expect((WebhookReach.everywhere.objection(to: url) == nil) == everywhere, "\(text)")
    }
    let near = try #require(HostAddress(literal: "10.0.0.1"))
    let far = try #require(HostAddress(literal: "8.8.8.8"))
    #expect(WebhookReach.outside.objection(to: [far]) == nil)
    #expect(WebhookReach.outside.objection(to: [far, near]) != nil)
    #expect(WebhookReach.inside.objection(to: []) != nil)
  }
}
