import Constraints
import Records
import Testing

@testable import Graders

/// Regular expressions against the reader that the json grader has.
struct PatternTests {
  @Test(arguments: [
    "a", "^a", "a$", "^a$", "^$", "", "a|b", "^(a|b)*$", "^a*b+c?$", "^a{2}$", "^a{2,}$", "^a{1,3}b{0,2}$",
    "[ab]{2}",
    "^[^ab]$", "^[a-c0-9_-]+$", "^\\d{2,3}$", "^\\D+$", "^\\w+$", "^\\W+$", "^\\S+$", "^(?:ab|a)(?:bc|c)$",
    "^(?<name>a+)b$", "^a*?b$", "^(a(b(c)?)?)?$", "(^a|b$)", "^(?:a|^b)c$", "a(?:b$|c)", "^[\\d\\-x]+$",
    "^[a\\-z]$",
    "^\\u0061\\x62$", "^[\\u00e9-\\u00eb]+$", "^\\u{1F600}$", "^\\ud83d\\ude00$", "^😀|é$", "^a{,2}$", "^{}$",
    "^[]a]$", "^[^]$",
    "^\\.\\*\\/$", "\"", "\\\\", "^\"[^\"]*\"$", "^[\"\\\\]+$", "^\\t\\n$", "^(a|aa)+$", "^(a*)*b$",
    "^(|a)+b$", "^.b$", "^a.{0,2}b$",
    "^[\\s\\S]{2}$", "^[^\\n]+$", "x*", "^\\cJ$", "^[a-]b$",
  ])
  func `a pattern lets through what the grader's finds`(source: String) throws {
    let pattern = try Pattern(ecma: source)
    let letters: [Unicode.Scalar] = [
      "a", "b", "c", "0", "1", "_", "-", "\"", "\\", "\n", "\t", "é", "😀", "z", "{", "}", ",",
    ]
    var random = SplitMix64(seed: 7)
    let fixed = [
      "", "a", "b", "ab", "abc", "aab", "\"\"", "\"a\"", "😀", "é", "\t\n", ".*/", "aaa", "a,2", "{}", "a{,2}",
      "ac", "bc", "a]",
      "\u{0}", "\n", "12", "123", "abb", "a\nb", "-b", "]a]",
    ]
    let texts =
      fixed
      + (0..<400).map { _ in
        var text = ""
        for _ in 0..<Int.random(in: 0...5, using: &random) {
          text.unicodeScalars.append(letters.randomElement(using: &random) ?? "a")
        }
        return text
      }
    let schema: JSONValue = ["type": "string", "pattern": .string(source)]
    let compiled: CompiledConstraint
    do throws(ConstraintError) {
      compiled = try ConstraintTests.compiler.compile(.schema(schema.serialised()))
    } catch {
      let isEmpty = try texts.allSatisfy { try !pattern.matches($0) }
      #expect(isEmpty, "\(error)")
      return
    }
    for text in texts {
      let written = JSONValue.string(text).serialised()
      let isTaken = compiled.start().after(written.utf8)?.isComplete ?? false
      #expect(try isTaken == pattern.matches(text), "\(written) for \(source)")
    }
  }

  @Test(arguments: [
    "(", ")", "a)", "[a", "[b-a]", "*", "a**", "a{3,2}", "\\", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?>a)",
    "\\1", "\\k<a>",
    "\\bword\\b", "\\p{L}", "\\q", "\\u12", "\\ud800", "^*", "a{10001}", "[\\ud800]", "\\c1",
  ])
  func `what is no expression, or none for an automaton, is refused`(source: String) {
    let schema: JSONValue = ["type": "string", "pattern": .string(source)]
    #expect(throws: ConstraintError.self) {
      try ConstraintTests.compiler.compile(.schema(schema.serialised()))
    }
  }
}
