import Foundation
import Records
import Testing

/// Reading and writing JSON, with what Foundation loses: order, the difference of 1 and 1.0, exact places.
@Suite struct JSONTests {
  @Test(arguments: [
    "null", "true", "false", "0", "-7", "9223372036854775807", "-9223372036854775808", "1.5", "-0.25",
    "1e+300",
    #""""#, #""plain""#, #""ÄÖ世界🙂""#, "[]", "{}", "[1,[2,[3]]]", #"{"b":1,"a":{"z":[],"y":null}}"#,
    #""\"\\\n\r\t\b\f\u0001\u001f""#, "[1,1.0,-0.0]", "5e-324", "1.7976931348623157e+308",
  ])
  func `a compact document is written as it was read`(text: String) throws {
    #expect(try JSONValue(parsing: text).serialised() == text)
  }

  @Test func `the order of keys is kept and a repeated key keeps its place and its last value`() throws {
    let object = try #require(try JSONValue(parsing: #"{"z":1,"a":2,"m":3,"z":4}"#).object)
    #expect(object.keys == ["z", "a", "m"])
    #expect(object["z"] == 4)
    #expect(JSONValue.object(object).serialised() == #"{"z":4,"a":2,"m":3}"#)
  }

  @Test func `objects are equal and hash alike whatever the order of their members`() {
    let a: JSONValue = ["x": 1, "y": [2, "z"]]
    let b: JSONValue = ["y": [2, "z"], "x": 1]
    #expect(a == b)
    #expect(Set([a, b]).count == 1)
    #expect(a != ["x": 1, "y": ["z", 2]])
  }

  @Test func `removing a member removes its key`() {
    var object = JSONObject([("a", 1), ("b", 2), ("c", 3)])
    object["b"] = nil
    object["missing"] = nil
    #expect(object.keys == ["a", "c"])
    #expect(object.count == 2)
    object["b"] = 4
    #expect(object.keys == ["a", "c", "b"])
  }

  @Test func `whole numbers and fractions stay apart and compare as numbers`() throws {
    #expect(try JSONValue(parsing: "1") == .integer(1))
    #expect(try JSONValue(parsing: "1.0") == .number(1))
    #expect(try JSONValue(parsing: "1e2") == .number(100))
    #expect(try JSONValue(parsing: "1E+2").integer == 100)
    #expect(try JSONValue(parsing: "12345678901234567890") == .number(0x1.56a95319d63e1p+63))
    #expect(JSONValue.number(0.5).integer == nil)
    #expect(JSONValue.integer(3).double == 3)
    #expect(JSONValue.number(.nan).serialised() == "null")
    #expect(JSONValue.number(-.infinity).serialised() == "null")
  }

  @Test(arguments: [
    (#""\u0041\u00e9\u4e16""#, "Aé世"), (#""\ud83d\ude42""#, "🙂"), (#""\/""#, "/"),
    (#""\ud83d""#, "\u{FFFD}"), (#""\ud83dx""#, "\u{FFFD}x"), (#""\ude42""#, "\u{FFFD}"),
    (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83d\n""#, "\u{FFFD}\n"), (#""e\u0301""#, "e\u{301}"),
  ])
  func `escapes and surrogate pairs become scalars and a lone surrogate the replacement character`(
    text: String, expected: String
  ) throws {
    let value = try #require(try JSONValue(parsing: text).string)
    #expect(Array(value.unicodeScalars) == Array(expected.unicodeScalars))
  }

  @Test func `layouts differ in white space alone`() throws {
    let value = try JSONValue(parsing: #"{"a":[1,{"b":"c"}],"d":{},"e":[]}"#)
    #expect(value.serialised(.spaced) == #"{"a": [1, {"b": "c"}], "d": {}, "e": []}"#)
    let indented = value.serialised(.indented(2))
    #expect(
      indented == """
        {
          "a": [
            1,
            {
              "b": "c"
            }
          ],
          "d": {},
          "e": []
        }
        """)
    #expect(try JSONValue(parsing: indented) == value)
  }

  @Test(arguments: [
    ("", 1, 1, "expected a value, found the end of the text"),
    ("[1,\n  2,\n  x]", 3, 3, "expected a value, found 'x'"),
    ("{\"a\":1,}", 1, 8, "expected a key in double quotes, found '}'"),
    ("{\"a\" 1}", 1, 6, "expected ':' after the key \"a\", found '1'"),
    ("[1 2]", 1, 4, "expected ',' or ']', found '2'"),
    ("{\"a\":1", 1, 7, "expected ',' or '}', found the end of the text"),
    ("nul", 1, 1, "expected 'null', found 'n'"),
    ("1 1", 1, 3, "expected the end of the document, found '1'"),
    ("01", 1, 1, "'01' is not a JSON number"), ("1.", 1, 1, "'1.' is not a JSON number"),
    ("-", 1, 1, "'-' is not a JSON number"), ("1e999", 1, 1, "'1e999' is not a JSON number"),
    ("[\"ab", 1, 2, "a string is not closed"), (#""\x""#, 1, 2, #"'\x' is not a JSON escape"#),
    (#""\u12g4""#, 1, 4, #"expected four hexadecimal digits after \u"#),
    (#""\u+123""#, 1, 4, #"expected four hexadecimal digits after \u"#),
    (#""\u12"#, 1, 4, #"expected four hexadecimal digits after \u"#),
    ("\"a\u{1}\"", 1, 3, "a control character (byte 1) must be escaped inside a string"),
    ("NaN", 1, 1, "expected a value, found 'N'"), ("'a'", 1, 1, "expected a value, found '''"),
    (".5", 1, 1, "expected a value, found '.'"), ("-.5", 1, 1, "'-.5' is not a JSON number"),
    ("1.e5", 1, 1, "'1.e5' is not a JSON number"), ("+1", 1, 1, "expected a value, found '+'"),
  ])
  func `what is not JSON is an error with its line and column`(
    text: String, line: Int, column: Int, message: String
  ) throws {
    let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: text) }
    #expect(error.message == message)
    #expect((error.line, error.column) == (line, column), "\(text)")
  }

  @Test func `bytes that are no UTF-8 are an error`() throws {
    let error = try #require(throws: JSONSyntaxError.self) {
      try JSONValue(parsing: [0x22, 0x61, 0xFF, 0x22] as [UInt8])
    }
    #expect(error.message == "a string is not valid UTF-8")
    #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: [0xC3] as [UInt8]) }
  }

  @Test func `nesting is bounded`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try JSONValue(parsing: nested(512))
    let error = try #require(throws: JSONSyntaxError.self) { try JSONValue(parsing: nested(100_000)) }
    #expect(error.message == "nested deeper than 512 levels")
  }

  @Test func `random values come back from every layout`() throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<300 {
      let value = Self.value(depth: 0, &random)
      for layout in [JSONValue.Layout.compact, .spaced, .indented(1)] {
        let text = value.serialised(layout)
        #expect(try JSONValue(parsing: text) == value)
        #expect(try JSONValue(parsing: text).serialised(layout) == text)
      }
      // Other readers agree that it is JSON.
      _ = try JSONSerialization.jsonObject(with: Data(value.serialised().utf8), options: .fragmentsAllowed)
    }
  }

  private static func value(depth: Int, _ random: inout SplitMix64) -> JSONValue {
    switch Int.random(in: 0..<(depth < 4 ? 8 : 6), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .integer(Int(truncatingIfNeeded: random.next()) >> Int.random(in: 0..<63, using: &random))
    case 3: return .number(Double.random(in: -1e6...1e6, using: &random))
    case 4, 5: return .string(text(&random))
    case 6:
      let count = Int.random(in: 0..<5, using: &random)
      return .array((0..<count).map { _ in value(depth: depth + 1, &random) })
    default:
      let count = Int.random(in: 0..<5, using: &random)
      return .object(JSONObject((0..<count).map { _ in (text(&random), value(depth: depth + 1, &random)) }))
    }
  }

  private static func text(_ random: inout SplitMix64) -> String {
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0..<6, using: &random) {
      let limit: UInt32 = Bool.random(using: &random) ? 0x80 : 0x11_0000
      if let scalar = UnicodeScalar(UInt32.random(in: 0..<limit, using: &random)) { scalars.append(scalar) }
    }
    return String(scalars)
  }

  @Test func `the canonical form sorts keys and drops the point of whole numbers`() throws {
    let a = try JSONValue(parsing: #"{"b":[1.0,{"d":2,"c":0.5}],"a":3e0}"#).canonical.serialised()
    #expect(a == #"{"a":3,"b":[1,{"c":0.5,"d":2}]}"#)
  }
}
