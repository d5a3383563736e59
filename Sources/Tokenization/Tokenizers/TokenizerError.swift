/// A tokenizer that cannot be read: which file, where in it, and what was expected.
package struct TokenizerError: Error, Sendable, Hashable, CustomStringConvertible {
  package let file: String
  /// The place inside the file, for example `model.type`; empty when the whole file is meant.
  package let path: String
  /// What was given, what was expected, what to do.
  package let message: String

  package init(file: String, path: String = "", message: String) {
    self.file = file
    self.path = path
    self.message = message
  }

  package var description: String {
    [file, path, message].filter { !$0.isEmpty }.joined(separator: ": ")
  }
}
