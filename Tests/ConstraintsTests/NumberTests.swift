import Constraints
import Records
import Testing

/// Ranges of numbers against arithmetic.
struct NumberTests {
  private static func accepts(_ schema: JSONValue) throws -> (String) -> Bool {
    let compiled = try ConstraintTests.compiler.compile(.schema(schema.serialised()))
    return { compiled.start().after($0.utf8)?.isComplete ?? false }
  }

  @Test(arguments: 0..<60) func `whole numbers between bounds`(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let size = [9, 99, 1_000][Int.random(in: 0..<3, using: &random)]
    let low = Int.random(in: -size...size, using: &random)
    let high = Int.random(in: low...size, using: &random)
    let step = Int.random(in: 1...12, using: &random)
    let hasLow = seed % 4 != 0
    let hasHigh = seed % 3 != 0
    var schema = JSONObject([("type", "integer")])
    if hasLow { schema["minimum"] = .integer(low) }
    if hasHigh { schema["exclusiveMaximum"] = .number(Double(high) + 0.5) }
    if step > 1 { schema["multipleOf"] = .integer(step) }
    let all = (-1_100...1_100).filter {
      (!hasLow || $0 >= low) && (!hasHigh || $0 <= high) && $0 % step == 0
    }
    guard !all.isEmpty else { return }
    let accepts = try Self.accepts(.object(schema))
    let expected = Set(all)
    for value in -1_100...1_100 {
      #expect(accepts("\(value)") == expected.contains(value), "\(value) for \(schema.members)")
    }
    #expect(!accepts("-0") && !accepts("007") && !accepts("1.0") && !accepts("1e1"))
  }

  @Test(arguments: 0..<60) func `fractions between bounds`(seed: UInt64) throws {
    var random = SplitMix64(seed: 100 + seed)
    let size = [50, 2_000, 300_000][Int.random(in: 0..<3, using: &random)]
    // In thousandths.
    let low = Int.random(in: -size...size, using: &random)
    let high = Int.random(in: low + 1...size + 1, using: &random)
    let isExclusive = seed % 2 == 0
    var schema = JSONObject([("type", "number")])
    schema[isExclusive ? "exclusiveMinimum" : "minimum"] = .number(Double(low) / 1_000)
    schema[isExclusive ? "exclusiveMaximum" : "maximum"] = .number(Double(high) / 1_000)
    let accepts = try Self.accepts(.object(schema))
    func text(_ value: Int, digits: Int) -> String {
      let magnitude = String(value.magnitude)
      let padded = String(repeating: "0", count: max(0, digits + 1 - magnitude.count)) + magnitude
      return "\(value < 0 ? "-" : "")\(padded.dropLast(digits)).\(padded.suffix(digits))"
    }
    for offset in [-1_000, -100, -10, -1, 0, 1, 10, 100, 1_000] {
      for value in [low + offset, high + offset, (low + high) / 2 + offset] where value != 0 {
        let isInside = isExclusive ? low < value && value < high : low <= value && value <= high
        #expect(accepts(text(value, digits: 3)) == isInside, "\(value) of \(low) to \(high)")
        #expect(accepts(text(value * 10, digits: 4)) == isInside, "\(value)0 of \(low) to \(high)")
        let above = value * 10 + (value > 0 ? 1 : -1)
        let isAboveInside = low * 10 < above && above < high * 10
        #expect(accepts(text(above, digits: 4)) == isAboveInside, "\(above) of \(low)0 to \(high)0")
        if value % 1_000 == 0 { #expect(accepts("\(value / 1_000)") == isInside) }
      }
    }
  }

  @Test func `multiples of a fraction`() throws {
    let cents = try Self.accepts(["type": "number", "multipleOf": 0.01, "minimum": 0])
    for (text, isAllowed) in [("0", true), ("19.99", true), ("19.9", true), ("0.001", false), ("5.", false)] {
      #expect(cents(text) == isAllowed, "\(text)")
    }
    let quarters = try Self.accepts(["type": "number", "multipleOf": 2.25])
    for (text, isAllowed) in [
      ("2.25", true), ("4.5", true), ("4.50", true), ("-9", true), ("2", false), ("4.25", false),
    ] {
      #expect(quarters(text) == isAllowed, "\(text)")
    }
    let halves = try Self.accepts(["type": "integer", "multipleOf": 1.5])
    #expect(halves("3") && !halves("4") && halves("-6") && halves("0"))
  }

  @Test func `numbers without bounds end`() throws {
    let number = try Self.accepts(["type": "number"])
    for text in ["0", "-0", "1e5", "1.5E-10", "-12.25e+3", "123456789012345678"] {
      #expect(number(text), "\(text)")
    }
    for text in ["", "-", "01", ".5", "1.", "1e", "1e100", "1234567890123456789", "0x1", "+1"] {
      #expect(!number(text), "\(text)")
    }
    let integer = try Self.accepts(["type": "integer"])
    #expect(integer("-999999999999999999") && !integer("1000000000000000000") && !integer("1e3"))
  }
}
