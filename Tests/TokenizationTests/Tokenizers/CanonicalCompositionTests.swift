import Testing

@testable import Tokenization

struct CanonicalCompositionTests {
  @Test(arguments: [
    ("e\u{301}", "é"),
    ("a\u{302}\u{323}", "\u{1EAD}"),
    ("\u{212B}", "Å"),
    ("\u{958}", "\u{915}\u{93C}"),
    ("\u{1100}\u{1161}\u{11A8}", "각"),
    ("\u{AC00}\u{11A8}", "각"),
    ("\u{1100}\u{1176}", "\u{1100}\u{1176}"),
    ("\u{20041}\u{301}", "\u{20041}\u{301}"),
    ("\u{F73}\u{F73}", "\u{F71}\u{F71}\u{F72}\u{F72}"),
    ("q\u{307}\u{323}", "q\u{323}\u{307}"),
    ("a\u{328}\u{302}x", "\u{105}\u{302}x"),
    ("plain", "plain"),
    ("日本語", "日本語"),
  ])
  func `text comes to form C`(text: String, expected: String) {
    let composed = CanonicalComposition.composed(text)
    #expect(Array(composed.unicodeScalars) == Array(expected.unicodeScalars))
    #expect(Array(CanonicalComposition.composed(composed).utf8) == Array(composed.utf8))
  }
}
