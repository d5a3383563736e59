/// The bytes that each id of a vocabulary writes.
package struct TokenVocabulary: Sendable {
  /// By id; nil for ids that write nothing, such as special tokens.
  package let bytes: [[UInt8]?]
  /// Ids that end an answer: allowed exactly where the document is whole.
  package let endIDs: Set<Int32>

  package init(bytes: [[UInt8]?], endIDs: Set<Int32>) {
    self.bytes = bytes
    self.endIDs = endIDs
  }
}
