import Testing

@testable import Tokenization

struct TokenizerTests {
  private func pieces(_ tokenizer: Tokenizer, _ text: String, _ mode: Tokenizer.SpecialTokens = .parse)
    -> [String]
  {
    tokenizer.encode(text, specialTokens: mode).compactMap(tokenizer.token)
  }

  @Test(arguments: [
    ("hello", ["hello"]),
    ("hello hello", ["hello", "Ġhello"]),
    ("hell", ["hell"]),
    ("hellhe", ["hell", "he"]),
    // Equal ranks merge from the left.
    ("aaaaa", ["aaaa", "a"]),
    ("aaa", ["aa", "a"]),
    (" wor ", ["Ġwor", "Ġ"]),
    ("é", ["Ã", "©"]),
    ("", []),
  ])
  func `merges apply by rank and then from the left`(text: String, expected: [String]) throws {
    #expect(pieces(try TinyTokenizer.make(), text) == expected)
  }

  @Test func `a long word merges by the heap to what short ones merge to by scanning`() throws {
    let tokenizer = try TinyTokenizer.make()
    for count in [BytePairMerger.longestScanned - 1, BytePairMerger.longestScanned + 1, 1001] {
      let expected =
        Array(repeating: "aaaa", count: count / 4) + [[], ["a"], ["aa"], ["aa", "a"]][count % 4]
      #expect(pieces(tokenizer, String(repeating: "a", count: count)) == expected)
    }
  }

  @Test func `added tokens are found or left as text as asked`() throws {
    let tokenizer = try TinyTokenizer.make()
    #expect(pieces(tokenizer, "hello<|im_end|>hello") == ["hello", "<|im_end|>", "hello"])
    let text = tokenizer.encode("hello<|im_end|>", specialTokens: .asText)
    #expect(!text.contains { tokenizer.isSpecial($0) })
    #expect(tokenizer.decode(text, skippingSpecial: true) == "hello<|im_end|>")
    #expect(tokenizer.id(of: "<|im_end|>") == 267)
    #expect(tokenizer.id(of: "Ġhello") == 260)
    #expect(tokenizer.id(of: "goodbye") == nil)
  }

  @Test func `the longest added token wins and flags move its borders`() throws {
    var definition = TinyTokenizer.definition(added: [("<a>", true), ("<a><b>", true), ("word", false)])
    definition.addedTokens[0].lstrip = true
    definition.addedTokens[1].rstrip = true
    definition.addedTokens[2].singleWord = true
    let tokenizer = try Tokenizer(definition)
    #expect(pieces(tokenizer, "he \n <a>he") == ["he", "<a>", "he"])
    #expect(pieces(tokenizer, "<a><b> \t he") == ["<a><b>", "he"])
    #expect(pieces(tokenizer, "word-word") == ["word", "-", "word"])
    #expect(!pieces(tokenizer, "words").contains("word"))
    #expect(!pieces(tokenizer, "éword").contains("word"))
  }

  @Test func `a whole word may be a token where merges are ignored, but never a special one`() throws {
    var definition = TinyTokenizer.definition(.llamaBPE, added: [("hello", true)])
    definition.ignoresMerges = true
    definition.addedTokens[0].id = 259
    definition.vocabulary.append("xyz")
    let tokenizer = try Tokenizer(definition)
    #expect(pieces(tokenizer, "xyz", .asText) == ["xyz"])
    // 259 is "hello" in the vocabulary too; as text it must come out of merges, which here make it again.
    #expect(tokenizer.encode("hello", specialTokens: .parse) == [259])
  }

  @Test func `bytes that are not UTF-8 become one replacement for each ill-formed part`() throws {
    let tokenizer = try TinyTokenizer.make()
    let cases: [([UInt8], String)] = [
      ([0xE4, 0xBD, 0xA0], "你"), ([0xE4, 0xBD], "\u{FFFD}"), ([0xE4, 0xBD, 0x41], "\u{FFFD}A"),
      ([0xFF, 0xFE], "\u{FFFD}\u{FFFD}"), ([0xC0, 0x80], "\u{FFFD}\u{FFFD}"),
      ([0xED, 0xA0, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
      ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
    ]
    for (bytes, expected) in cases {
      let ids = bytes.map(Int32.init)
      #expect(tokenizer.decode(ids, skippingSpecial: false) == expected)
      var decoder = StreamingDecoder(tokenizer, skippingSpecial: false)
      let streamed = ids.map { decoder.push($0) }.joined() + decoder.finish()
      #expect(streamed == expected)
    }
  }

  @Test func `streaming gives a character whole, at its last byte`() throws {
    var decoder = StreamingDecoder(try TinyTokenizer.make(), skippingSpecial: true)
    #expect(Array("a😀".utf8).map { decoder.push(Int32($0)) } == ["a", "", "", "", "😀"])
    #expect(decoder.push(267) == "")
    #expect(decoder.finish() == "")
  }

  @Test func `ids outside the vocabulary have no bytes`() throws {
    let tokenizer = try TinyTokenizer.make()
    #expect(tokenizer.decode([104, -1, 9999, 105], skippingSpecial: false) == "hi")
    #expect(tokenizer.bytes(of: 9999) == [])
  }

  @Test func `several threads encode at once to the same ids`() async throws {
    let tokenizer = try TinyTokenizer.make()
    let text = String(repeating: "hello world aaaaa 12 ", count: 50)
    let expected = tokenizer.encode(text, specialTokens: .asText)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<20).allSatisfy { _ in tokenizer.encode(text, specialTokens: .asText) == expected }
        }
      }
      for await isSame in group { #expect(isSame) }
    }
  }

  @Test func `a merge of unknown tokens is an error that names it`() {
    var definition = TinyTokenizer.definition()
    definition.merges.append("q z")
    let error = #expect(throws: TokenizerError.self) { try Tokenizer(definition, file: "model.gguf") }
    #expect(
      error?.description
        == "model.gguf: merges[10]: 'q z' names or makes a token that is not in the vocabulary")
  }
}
