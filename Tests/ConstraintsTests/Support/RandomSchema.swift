import Records

/// A schema and a way to draw documents that it accepts: made by hand-written rules for each keyword that know nothing
/// of automata.
struct RandomSchema {
  var schema: JSONValue
  var sample: (inout SplitMix64) -> JSONValue

  /// - Parameter depth: how much deeper subschemas may go.
  static func random(_ random: inout SplitMix64, depth: Int) -> RandomSchema {
    switch Int.random(in: 0..<(depth > 0 ? 14 : 8), using: &random) {
    case 0: scalar(&random)
    case 1: integer(&random)
    case 2: number(&random)
    case 3, 4: string(&random)
    case 5: pattern(&random)
    case 6: constant(&random)
    case 7: anything(depth: depth)
    case 8, 9, 10: object(&random, depth: depth - 1)
    case 11, 12: list(&random, depth: depth - 1)
    default: choice(&random, depth: depth - 1)
    }
  }

  private static func flip(_ random: inout SplitMix64) -> Bool { Bool.random(using: &random) }

  private static func scalar(_ random: inout SplitMix64) -> RandomSchema {
    if flip(&random) { return RandomSchema(schema: ["type": "null"]) { _ in .null } }
    return RandomSchema(schema: ["type": "boolean", "description": "yes or no"]) { .bool(flip(&$0)) }
  }

  private static func integer(_ random: inout SplitMix64) -> RandomSchema {
    let size = [3, 50, 2_000, 1_000_000_000][Int.random(in: 0..<4, using: &random)]
    let low = Int.random(in: -size...size, using: &random)
    let high = low + Int.random(in: 0...size, using: &random)
    let step = flip(&random) ? Int.random(in: 1...7, using: &random) : 1
    var members: [(String, JSONValue)] = [("type", "integer")]
    members.append(flip(&random) ? ("minimum", .integer(low)) : ("exclusiveMinimum", .integer(low - 1)))
    members.append(flip(&random) ? ("maximum", .integer(high)) : ("exclusiveMaximum", .integer(high + 1)))
    let multiples = (low...min(high, low + 100)).filter { $0 % step == 0 }
    if step > 1, !multiples.isEmpty { members.append(("multipleOf", .integer(step))) }
    let isStepped = step > 1 && !multiples.isEmpty
    return RandomSchema(schema: .object(JSONObject(members))) { random in
      let value = isStepped ? multiples.randomElement(using: &random) : nil
      return .integer(value ?? Int.random(in: low...high, using: &random))
    }
  }

  private static func number(_ random: inout SplitMix64) -> RandomSchema {
    guard flip(&random) else {
      return RandomSchema(schema: ["type": "number"]) { random in
        flip(&random)
          ? .number(Double.random(in: -1e6...1e6, using: &random))
          : .integer(Int.random(in: -1_000...1_000, using: &random))
      }
    }
    // Hundredths, so that all are decimals of a few digits.
    let low = Int.random(in: -100_000...100_000, using: &random)
    let high = low + Int.random(in: 1...10_000, using: &random)
    let isOpen = flip(&random)
    let schema: JSONValue = [
      "type": "number", "minimum": .number(Double(low) / 100),
      isOpen ? "exclusiveMaximum" : "maximum": .number(Double(high) / 100),
    ]
    return RandomSchema(schema: schema) { random in
      .number(Double(Int.random(in: low...(isOpen ? high - 1 : high), using: &random)) / 100)
    }
  }

  static func text(_ count: Int, _ random: inout SplitMix64) -> String {
    let letters: [Unicode.Scalar] = [
      "a", "b", "Z", "0", " ", "\"", "\\", "\n", "/", "{", ",", "é", "日", "😀", "\u{1F}",
    ]
    var text = ""
    for _ in 0..<count { text.unicodeScalars.append(letters.randomElement(using: &random) ?? "a") }
    return text
  }

  private static func string(_ random: inout SplitMix64) -> RandomSchema {
    let least = Int.random(in: 0...4, using: &random)
    let most = least + Int.random(in: 0...12, using: &random)
    var members: [(String, JSONValue)] = [("type", "string")]
    let isBounded = flip(&random)
    if isBounded { members += [("minLength", .integer(least)), ("maxLength", .integer(most))] }
    return RandomSchema(schema: .object(JSONObject(members))) { random in
      .string(text(isBounded ? Int.random(in: least...most, using: &random) : 6, &random))
    }
  }

  /// Expressions with texts that each finds.
  private static let patterns: [(String, [String])] = [
    ("^[A-Z]{2,3}-\\d+$", ["AB-1", "XYZ-007"]), ("a|b", ["a", "xxb\n", "\"a"]),
    ("^(foo|bar)+[^x]?$", ["foo", "barfoo!", "foo\""]),
    ("^\\w+@\\w+\\.(com|org)$", ["a_1@b.com", "x@y.org"]),
    ("^[ab]*é+$", ["é", "abéé"]), ("^\\S*$", ["", "a\"b\\"]), ("^(?:a*?b){2}", ["bb", "aabab!"]),
    ("^[^a-y]*$", ["", "zéZ"]),
  ]
  private static let formats: [(String, [String])] = [
    ("date", ["2024-02-29"]), ("time", ["10:00:00Z", "23:59:59.5+01:30"]),
    ("date-time", ["2026-11-22T10:20:30Z"]),
    ("uuid", ["123e4567-e89b-12d3-a456-426614174000"]), ("email", ["a.b@example.org"]),
    ("ipv4", ["10.0.255.1"]),
    ("ipv6", ["::1", "2001:db8::ff00:42:8329", "1:2:3:4:5:6:7:8", "::"]), ("hostname", ["a-b.example"]),
    ("uri", ["https://example.org/a?b=c#d"]), ("duration", ["P3DT4H", "PT5M", "P2W"]),
    ("json-pointer", ["/a~1b", ""]),
    ("uri-reference", ["/a/b?c", "#x", ""]),
  ]

  private static func pattern(_ random: inout SplitMix64) -> RandomSchema {
    let isFormat = flip(&random)
    let list = isFormat ? formats : patterns
    let (word, texts) = list[Int.random(in: list.indices, using: &random)]
    return RandomSchema(schema: ["type": "string", isFormat ? "format" : "pattern": .string(word)]) {
      random in
      .string(texts.randomElement(using: &random) ?? "")
    }
  }

  private static func constant(_ random: inout SplitMix64) -> RandomSchema {
    let count = Int.random(in: 1...5, using: &random)
    var values: [JSONValue] = []
    for index in 0..<count {
      values.append(
        [
          .string(text(3, &random)), .integer(index), .null, ["k": [.integer(index), "x"]], .bool(true), 1.5,
          [],
        ][Int.random(in: 0..<7, using: &random)])
    }
    let list = values
    if count == 1 { return RandomSchema(schema: ["const": list[0]]) { _ in list[0] } }
    return RandomSchema(schema: ["enum": .array(list)]) { list.randomElement(using: &$0) ?? .null }
  }

  private static func anything(depth: Int) -> RandomSchema {
    RandomSchema(schema: true) { value(&$0, depth: max(0, depth)) }
  }

  static func value(_ random: inout SplitMix64, depth: Int) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
    case 0: return .null
    case 1: return .bool(flip(&random))
    case 2: return .integer(Int.random(in: -99_999...99_999, using: &random))
    case 3: return .number(Double.random(in: -10...10, using: &random))
    case 4: return .string(text(5, &random))
    case 5:
      return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth - 1) })
    default:
      var object = JSONObject()
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        object[text(2, &random)] = value(&random, depth: depth - 1)
      }
      return .object(object)
    }
  }

  private static func object(_ random: inout SplitMix64, depth: Int) -> RandomSchema {
    let names = ["a", "bb", "c \"c\"", "é", "a\\n"].shuffled(using: &random)
    let count = Int.random(in: 0...4, using: &random)
    var members: [(name: String, schema: RandomSchema, isRequired: Bool)] = []
    for name in names.prefix(count) {
      members.append((name, Self.random(&random, depth: depth), flip(&random)))
    }
    let kept = members
    var schema = JSONObject([("type", "object")])
    if count > 0 {
      schema["properties"] = .object(JSONObject(kept.map { ($0.name, $0.schema.schema) }))
      schema["required"] = .array(kept.filter(\.isRequired).map { .string($0.name) })
    }
    var others: RandomSchema?
    switch Int.random(in: 0..<3, using: &random) {
    case 0:
      let other = Self.random(&random, depth: depth)
      schema["additionalProperties"] = other.schema
      others = other
    case 1: schema["additionalProperties"] = false
    default: break
    }
    let other = others
    return RandomSchema(schema: .object(schema)) { random in
      var object = JSONObject()
      for member in kept where member.isRequired || flip(&random) {
        object[member.name] = member.schema.sample(&random)
      }
      if let other {
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          let name = text(3, &random)
          if !names.contains(name), object[name] == nil { object[name] = other.sample(&random) }
        }
      }
      return .object(object)
    }
  }

  private static func list(_ random: inout SplitMix64, depth: Int) -> RandomSchema {
    let item = Self.random(&random, depth: depth)
    let first = flip(&random) ? Self.random(&random, depth: depth) : nil
    let least = Int.random(in: 0...2, using: &random)
    let most = least + Int.random(in: 0...3, using: &random)
    let isBounded = flip(&random)
    var schema = JSONObject([("type", "array"), ("items", item.schema)])
    if let first { schema["prefixItems"] = .array([first.schema]) }
    if isBounded {
      schema["minItems"] = .integer(least)
      schema["maxItems"] = .integer(most)
    }
    return RandomSchema(schema: .object(schema)) { random in
      let count =
        isBounded ? Int.random(in: least...most, using: &random) : Int.random(in: 0...3, using: &random)
      return .array((0..<count).map { $0 == 0 ? (first ?? item).sample(&random) : item.sample(&random) })
    }
  }

  private static func choice(_ random: inout SplitMix64, depth: Int) -> RandomSchema {
    let branches = (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.random(&random, depth: depth) }
    return RandomSchema(schema: ["anyOf": .array(branches.map(\.schema))]) { random in
      branches.randomElement(using: &random)?.sample(&random) ?? .null
    }
  }
}
