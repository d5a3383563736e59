package import Records

/// Settings as they were read, with every problem found.
package struct SettingsReading: Sendable {
  /// Defaults stand where a value is missing or wrong.
  package let settings: ServiceSettings
  package let diagnostics: [Diagnostic]

  /// The settings, when nothing stands against using them.
  ///
  /// - Throws: every problem at once.
  package func resolved() throws(InvalidInput) -> ServiceSettings {
    guard !diagnostics.contains(where: { $0.severity == .error }) else { throw InvalidInput(diagnostics) }
    return settings
  }
}
