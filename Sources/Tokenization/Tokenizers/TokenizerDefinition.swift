/// All that a byte-level BPE tokenizer is made of, whichever file it came from.
///
/// Kept apart from `Tokenizer` so that a file is read once and checked before anything is built from it.
package struct TokenizerDefinition: Sendable, Hashable {
  /// How text is brought to one form before it is split.
  package enum Normalizer: Sendable, Hashable {
    case none
    /// Unicode's canonical composition.
    case nfc
  }

  /// A token that is found in the text before the model sees it.
  package struct AddedToken: Sendable, Hashable {
    package var id: Int32
    package var content: String
    /// Left out when decoding without special tokens, and never made from text that is not to be parsed.
    package var special: Bool
    /// Takes the white space before it along.
    package var lstrip: Bool
    /// Takes the white space after it along.
    package var rstrip: Bool
    /// Matches only between characters that are not part of a word.
    package var singleWord: Bool
    /// Looked for after the text was normalised, in its own normalised form.
    package var normalized: Bool

    package init(
      id: Int32, content: String, special: Bool, lstrip: Bool = false, rstrip: Bool = false,
      singleWord: Bool = false, normalized: Bool = false
    ) {
      self.id = id
      self.content = content
      self.special = special
      self.lstrip = lstrip
      self.rstrip = rstrip
      self.singleWord = singleWord
      self.normalized = normalized
    }
  }

  /// The model's own tokens in the byte-level alphabet, by id; nil for an id that the model does not have.
  package var vocabulary: [String?]
  /// Merge rules, best first: the left and the right token with one space between.
  package var merges: [String]
  package var addedTokens: [AddedToken]
  package var normalizer: Normalizer
  package var preTokenizer: PreTokenizer
  /// A word that is a token as a whole is taken so, whatever the merges say (Llama 3).
  package var ignoresMerges: Bool
  package var bosID: Int32?
  /// The token a model ends a text with; generation may stop on more (`stopIDs`).
  package var eosID: Int32?
  package var padID: Int32?
  /// Every id that ends a turn or a text.
  package var stopIDs: Set<Int32>
  /// Whether the model expects its BOS before a text that a template did not render.
  package var addsBOS: Bool

  package init(
    vocabulary: [String?], merges: [String], addedTokens: [AddedToken], preTokenizer: PreTokenizer,
    normalizer: Normalizer = .none, ignoresMerges: Bool = false, bosID: Int32? = nil, eosID: Int32? = nil,
    padID: Int32? = nil, stopIDs: Set<Int32> = [], addsBOS: Bool = false
  ) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.addedTokens = addedTokens
    self.preTokenizer = preTokenizer
    self.normalizer = normalizer
    self.ignoresMerges = ignoresMerges
    self.bosID = bosID
    self.eosID = eosID
    self.padID = padID
    self.stopIDs = stopIDs
    self.addsBOS = addsBOS
  }

  /// Special tokens that end a turn in the model families in use. A file names one end token and many chat
  /// models have two (the end of a turn and the end of a text); sampling must stop on either.
  static let endOfTurnContents: Set<String> = [
    "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|end_of_text|>", "<|eom_id|>", "<|end|>",
    "<end_of_turn>", "<|END_OF_TURN_TOKEN|>", "<｜end▁of▁sentence｜>",
  ]

  /// The ids of this definition's special tokens that are known to end a turn.
  var knownEndIDs: [Int32] {
    addedTokens.filter { $0.special && Self.endOfTurnContents.contains($0.content) }.map(\.id)
  }
}
