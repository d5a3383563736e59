/// A model that cannot be written for other tools.
package enum ExportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// An adapter was asked for, and all weights were trained.
  case noAdapter
  /// A weight has numbers that are infinite or not a number.
  case notFinite(tensor: String)
  /// The file's rope scaling does not come from the formula that a `config.json` can name.
  case unknownRopeScaling(file: String)

  package var description: String {
    switch self {
    case .noAdapter:
      "this run trained all weights (training.method: full), so there is no adapter to write; "
        + "export it as merged"
    case .notFinite(let tensor):
      "\(tensor) has numbers that are infinite or not a number: the run had diverged at this checkpoint; "
        + "export an earlier one with --step"
    case .unknownRopeScaling(let file):
      "\(file): rope_freqs.weight: the divisors are not those of Llama 3.1's rope scaling, and config.json has "
        + "no word for others; train from the model's Hugging Face folder instead, or export as peft"
    }
  }
}
