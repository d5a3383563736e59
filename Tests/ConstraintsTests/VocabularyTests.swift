import Constraints
import Testing

struct VocabularyTests {
  @Test func `a vocabulary keeps what it was given`() {
    let vocabulary = TokenVocabulary(bytes: [[0x7B], nil], endIDs: [1])
    #expect(vocabulary.bytes.count == 2)
    #expect(vocabulary.bytes[1] == nil)
    #expect(vocabulary.endIDs == [1])
  }
}
