extension PreTokenizer {
  /// The regular expression that `tokenizer.json` files have for this way of cutting.
  var pattern: String {
    switch self {
    case .gpt2, .smollm:
      #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    case .llamaBPE: Self.llamaPattern(digits: #"\p{N}{1,3}"#)
    case .qwen2: Self.llamaPattern(digits: #"\p{N}"#)
    }
  }

  private static func llamaPattern(digits: String) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }
}
