import Records
import Testing

struct JSONPointerTests {
  static let document: JSONValue = [
    "": "empty", "a/b": ["x", "y", ["m~n": 1]], "c d": 2, "é": 3, "0": 4,
  ]

  @Test(
    arguments: [
      ("", nil as String?), ("/", "empty"), ("/a~1b/0", "x"), ("/a~1b/1", "y"),
    ] as [(String, String?)])
  func `a pointer leads to its value`(_ pointer: String, _ text: String?) throws {
    let found = try #require(JSONPointer(fragment: pointer[...])?.resolved(in: Self.document))
    #expect(found.value == text.map(JSONValue.string) ?? Self.document)
  }

  @Test func `percent signs and tildes are read, and steps tell elements from members`() throws {
    for (pointer, value) in [("/c%20d", 2), ("/%C3%A9", 3), ("/é", 3), ("/0", 4), ("/a~1b/2/m~0n", 1)] {
      let found = try #require(JSONPointer(fragment: pointer[...])?.resolved(in: Self.document))
      #expect(found.value == .integer(value), "\(pointer)")
    }
    let steps = try #require(JSONPointer(fragment: "/a~1b/2/m~0n")?.resolved(in: Self.document)).steps
    #expect(steps == [.member("a/b"), .element(2), .member("m~n")])
    #expect(JSONPointer.escaped("m~n/o") == "m~0n~1o")
  }

  @Test(arguments: ["/none", "/a~1b/3", "/a~1b/01", "/a~1b/-1", "/c%20d/0"])
  func `what leads nowhere is nil`(_ pointer: String) {
    #expect(JSONPointer(fragment: pointer[...])?.resolved(in: Self.document) == nil)
  }

  @Test func `a name is no pointer`() { #expect(JSONPointer(fragment: "anchor") == nil) }
}
