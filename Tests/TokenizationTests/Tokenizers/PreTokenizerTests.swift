import Testing

@testable import Tokenization

struct PreTokenizerTests {
  private func words(_ preTokenizer: PreTokenizer, _ text: String) -> [String] {
    var text = text
    return text.withUTF8 { bytes in
      let scanner = WordScanner(bytes: bytes, preTokenizer: preTokenizer)
      var words: [String] = []
      var start = 0
      while start < bytes.count {
        let end = scanner.endOfWord(from: start)
        words.append(String(decoding: bytes[start..<end], as: UTF8.self))
        start = end
      }
      return words
    }
  }

  @Test(arguments: [
    (PreTokenizer.gpt2, "it's  12 o'clock!\n", ["it", "'s", " ", " 12", " o", "'", "clock", "!", "\n"]),
    (.gpt2, "IT'S", ["IT", "'", "S"]),
    (.gpt2, "a   ", ["a", "   "]),
    (.smollm, "a  12b", ["a", "  ", "1", "2", "b"]),
    (.smollm, " 1", [" ", "1"]),
    (.llamaBPE, "IT'S 12345", ["IT", "'S", " ", "123", "45"]),
    (.llamaBPE, "(word) $x", ["(word", ")", " $", "x"]),
    (.llamaBPE, "a \n\n  b", ["a", " \n\n", " ", " b"]),
    (.llamaBPE, "end.\r\n\nx", ["end", ".\r\n\n", "x"]),
    (.llamaBPE, "\tx \t", ["\tx", " \t"]),
    (.qwen2, "12 3", ["1", "2", " ", "3"]),
    (.qwen2, "'ſ", ["'ſ"]),
    (.qwen2, "日本語、です", ["日本語", "、です"]),
  ])
  func `words are cut as the pattern cuts them`(preTokenizer: PreTokenizer, text: String, expected: [String])
  {
    #expect(words(preTokenizer, text) == expected)
  }

  @Test func `a scalar newer than the reference's Unicode is no letter`() throws {
    // U+88F, a letter since Unicode 17; the rest of the table is compared in the parity tests.
    let scalar = try #require(Unicode.Scalar(0x88F as UInt32))
    if scalar.properties.generalCategory == .otherLetter { #expect(ScalarClass(scalar) == .other) }
    #expect(ScalarClass("é") == .letter)
    #expect(ScalarClass("½") == .number)
    #expect(ScalarClass("\u{A0}") == .space)
    #expect(ScalarClass("\r") == .newline)
  }
}
