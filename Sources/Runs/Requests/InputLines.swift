internal import Foundation

/// The lines of standard input, read as they come.
package final class InputLines: Sendable {
  package init() {}

  /// The next line without its end, or nil at the end of the input.
  package func next() -> String? { readLine(strippingNewline: true) }
}
