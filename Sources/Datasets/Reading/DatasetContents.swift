package import Records

/// The Examples of a file and the warnings that reading it gave.
package struct DatasetContents: Sendable, Hashable {
  package var examples: [Example]
  package var warnings: [Diagnostic]

  package init(examples: [Example], warnings: [Diagnostic] = []) {
    self.examples = examples
    self.warnings = warnings
  }
}
