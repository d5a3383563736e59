import Records
import Testing

@testable import Graders

@Suite struct JSONSchemaTests {
  /// The diagnostics of a schema, as `path: message`.
  private func problems(_ json: String) throws -> [String] {
    let problems = DefinitionProblems(file: "")
    _ = JSONSchema.compile(try JSONValue(parsing: json), path: "schema", problems: problems)
    return problems.diagnostics.map {
      ($0.severity == .warning ? "warning: " : "") + "\($0.path): \($0.message)"
    }
  }

  private func violations(_ schema: String, _ value: String) throws -> [String] {
    let problems = DefinitionProblems(file: "")
    let schema = try #require(
      JSONSchema.compile(try JSONValue(parsing: schema), path: "", problems: problems),
      "\(problems.diagnostics)")
    return try schema.violations(of: JSONValue(parsing: value)).map(\.description)
  }

  @Test(
    arguments: [
      (
        #"{"type": "strin"}"#,
        [
          "schema.type: \"strin\" is not one of null, boolean, integer, number, string, array, object; did you mean 'string'?"
        ]
      ),
      (#"{"type": ["string", "string"]}"#, ["schema.type[1]: 'string' is named twice"]),
      (
        #"{"properties": {"a": {"minimum": "3"}}}"#,
        ["schema.properties.a.minimum: expected a number, found a string"]
      ),
      (
        #"{"properties": {"a": 3}}"#,
        ["schema.properties.a: expected a schema, an object or true or false; found a number"]
      ),
      (
        #"{"items": [{}]}"#,
        ["schema.items: expected one schema for all elements; a list of them is 'prefixItems'"]
      ),
      (
        #"{"maxLength": -1, "multipleOf": 0}"#,
        [
          "schema.multipleOf: expected a number above 0, found 0",
          "schema.maxLength: expected a whole number of at least 0, found -1",
        ]
      ),
      (
        #"{"allOf": [], "required": ["a", "a", 3]}"#,
        [
          "schema.required[1]: 'a' is named twice", "schema.required[2]: expected a name, found a number",
          "schema.allOf: expected a list of schemas, found an empty one",
        ]
      ),
      (#"{"pattern": "(a"}"#, ["schema.pattern: '(a' is not a regular expression: a '(' is not closed"]),
      (
        ##"{"$ref": "#/$defs/lin", "$defs": {"line": {}}}"##,
        ["schema.$ref: there is no '#/$defs/lin' in this schema; did you mean '#/$defs/line'?"]
      ),
      (
        ##"{"$ref": "other.json#/a"}"##,
        [
          "schema.$ref: 'other.json#/a' is outside this document, and nothing is fetched; put the schema into '$defs'"
        ]
      ),
      (
        ##"{"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"anyOf": [{"$ref": "#/$defs/x"}]}}}"##,
        ["schema.$defs.x: refers to itself without going deeper into the value: checking it would never end"]
      ),
      (
        #"{"propertes": {}}"#,
        [
          "warning: schema.propertes: JSON Schema has no keyword 'propertes', so it checks nothing; did you mean 'properties'?"
        ]
      ),
      (
        #"{"unevaluatedProperties": false}"#,
        [
          "warning: schema.unevaluatedProperties: 'unevaluatedProperties' is not supported and checks nothing; use 'additionalProperties' beside the 'properties' it is about"
        ]
      ),
      (
        #"{"format": "iri"}"#,
        [
          "warning: schema.format: the format 'iri' is not checked; those that are: date-time, date, time, duration, email, hostname, ipv4, ipv6, uri, uuid, uri-reference, json-pointer, regex"
        ]
      ),
      (
        #"{"minimum": 3, "maximum": 2}"#,
        ["warning: schema.minimum: is above 'maximum', so that no number is valid"]
      ),
      (#"{"then": {}}"#, ["warning: schema.then: has no effect without 'if'"]),
      (
        #"{"$schema": "http://json-schema.org/draft-07/schema#", "title": "T", "default": 1, "examples": [1]}"#,
        [
          "warning: schema.$schema: names 'http://json-schema.org/draft-07/schema#'; the schema is read as draft 2020-12"
        ]
      ),
      (#"7"#, ["schema: expected a schema, an object or true or false; found a number"]),
    ] as [(String, [String])])
  func `mistakes are reported at their places`(schema: String, expected: [String]) throws {
    #expect(try problems(schema) == expected)
  }

  @Test(
    arguments: [
      (#"{"type": "object", "required": ["a", "b"]}"#, #"{"a": 1}"#, ["lacks b"]),
      (
        #"{"properties": {"a": {"items": {"type": "string"}}}}"#, #"{"a": ["x", 1]}"#,
        ["a[1]: is 1; expected string"]
      ),
      (
        #"{"additionalProperties": false, "properties": {"a": {"minimum": 2}}}"#, #"{"a": 1, "b": 2}"#,
        ["a: is 1; expected at least 2", "b: is 2; nothing is allowed here"]
      ),
      (#"{"enum": ["a", 1]}"#, #""b""#, ["is \"b\"; expected one of \"a\", 1"]),
      (
        #"{"oneOf": [{"type": "number"}, {"minimum": 2}]}"#, "3",
        ["fits both oneOf[0] and oneOf[1]; expected exactly one"]
      ),
      (
        #"{"anyOf": [{"type": "number"}, {"type": "null"}]}"#, #""x""#,
        ["is \"x\", which fits none of the 2 schemas of 'anyOf'"]
      ),
      (#"{"if": {"required": ["a"]}, "then": {"required": ["b"]}}"#, #"{"a": 1}"#, ["lacks b"]),
      (
        #"{"dependentRequired": {"a": ["b"]}}"#, #"{"a": 1}"#,
        ["has 'a' and lacks 'b', which must come with it"]
      ),
      (
        #"{"uniqueItems": true}"#, "[1, 2, 1.0]", ["has the same value at [0] and [2]; expected no two alike"]
      ),
      (#"{"minLength": 2, "maxLength": 3}"#, #""\ud83d\ude00""#, ["has 1 characters; expected 2 to 3"]),
      (#"{"const": {"a": 1, "b": 2}}"#, #"{"b": 2.0, "a": 1}"#, []),
      (
        ##"{"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}}}"##,
        #"{"next": {"next": 3}}"#, ["next.next: is 3; expected object"]
      ),
    ] as [(String, String, [String])])
  func `violations name the place, what was found and what was expected`(
    schema: String, value: String, expected: [String]
  ) throws {
    #expect(try violations(schema, value) == expected)
  }

  /// The package calls 19.99 no multiple of 0.01, because neither is what it seems in binary.
  @Test(
    arguments: [
      ("19.99", "0.01", true), ("0.3", "0.1", true), ("19.995", "0.01", false),
      ("1e308", "0.123456789", false),
      ("1e300", "7", false), ("7", "3.5", true), ("0", "0.1", true), ("-0.6", "0.2", true),
      ("9007199254740993", "2", false),
    ] as [(String, String, Bool)])
  func `multiples are those of the decimal numbers that were written`(
    value: String, step: String, valid: Bool
  )
    throws
  {
    #expect(try violations(#"{"multipleOf": \#(step)}"#, value).isEmpty == valid)
  }

  @Test(
    arguments: [
      ("a$", "a\n", false), (#"\d"#, "\u{0663}", false), (#"^[\w-.]+$"#, "a-b.c", true), ("[[]", "[", true),
      ("{", "{", true), ("^a{2}$", "aa", true), ("^a{,2}$", "a{,2}", true), (#"^[\d-]+$"#, "1-2", true),
      (#"^[.-\d]$"#, "-", true), (#"\u{1F600}"#, "\u{1F600}", true), (#"^\ud83d\ude00$"#, "\u{1F600}", true),
      ("[]", "x", false), ("^[^]$", "\n", true), (#"^[&&a]+$"#, "&a", true), (#"^\D+$"#, "abc", true),
      (#"^[\D]+$"#, "a1", false), ("", "", true),
    ] as [(String, String, Bool)])
  func `patterns are those of ECMAScript`(pattern: String, text: String, matches: Bool) throws {
    #expect(try Pattern(ecma: pattern).matches(text) == matches)
  }

  @Test(
    arguments: [
      (.email, "ann@example.org", true), (.email, "ann.lee+x@mail.example.org", true),
      (.email, "ann@", false),
      (.email, "@example.org", false), (.email, "a b@example.org", false),
      (.email, "a..b@example.org", false),
      (.hostname, "example.org", true), (.hostname, "-a.org", false), (.hostname, "a..b", false),
      (.hostname, "a_b", false), (.uri, "https://example.org/a?b=c#d", true), (.uri, "example.org/a", false),
      (.uri, "http://a b", false), (.uri, "mailto:ann@example.org", true), (.uri, "http://a/%zz", false),
      (.uriReference, "/a/b?c", true), (.uriReference, "1a:b", false), (.uriReference, "a#b#c", false),
      (.jsonPointer, "", true), (.jsonPointer, "/a~1b/~0", true), (.jsonPointer, "a", false),
      (.jsonPointer, "/~2", false),
      (.duration, "P3DT12H", true), (.duration, "P2W", true), (.duration, "PT36S", true),
      (.duration, "P", false),
      (.duration, "P1YT", false), (.duration, "P1Y2D", false), (.duration, "PT1H2S", false),
      (.duration, "P1D2H", false),
      (.duration, "P1YT2H", true), (.duration, "PW", false), (.time, "23:59:60Z", true),
      (.time, "22:59:60Z", false),
      (.time, "15:59:60-08:00", true), (.regex, "a(b", false), (.regex, "a{2}", true),
    ] as [(SchemaFormat, String, Bool)])
  func `formats follow their grammars`(format: SchemaFormat, text: String, holds: Bool) {
    #expect(format.holds(for: text) == holds)
  }

  @Test func `a schema that would take for ever on a deep answer is a failure`() throws {
    let schema = ##"""
      {"anyOf": [{"properties": {"a": {"$ref": "#"}}, "required": ["b"]}, {"properties": {"a": {"$ref": "#"}}, "required": ["c"]},
       {"properties": {"a": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}}]}
      """##
    let deep = String(repeating: #"{"a":"#, count: 60) + "1" + String(repeating: "}", count: 60)
    #expect(throws: GradeFailure.self) { try violations(schema, deep) }
    #expect(try violations(schema, #"{"a": {"a": 1}}"#) == [])
  }
}
