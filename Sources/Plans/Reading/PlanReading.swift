package import Records

/// Where a value of a plan was given.
struct PlanOrigin: Sendable, Hashable {
  /// The plan's file, or the `--set` option as it was written.
  var file: String
  /// 0 where there are no lines.
  var line: Int
}

/// A plan as it was read: with every problem found, and the lines that later checks point at.
package struct PlanReading: Sendable {
  /// Defaults stand where a value is missing or wrong.
  package internal(set) var plan: Plan
  package internal(set) var diagnostics: [Diagnostic]
  /// The plan's file as diagnostics name it.
  package let file: String
  /// Where each given field stands, by path; parts of the grader's definition included.
  let origins: [String: PlanOrigin]

  /// Whether nothing stands against using the plan.
  package var isValid: Bool { !diagnostics.contains { $0.severity == .error } }

  /// Whether the rows that the plan names can be looked for: a source was given and not refused.
  package var namesData: Bool {
    (isGiven("data.train") || isGiven("data.generate.dataset"))
      && !diagnostics.contains { $0.severity == .error && $0.path.hasPrefix("data.") }
  }

  /// The plan, when nothing stands against it.
  ///
  /// - Throws: every problem at once, warnings included.
  package func resolved() throws(InvalidInput) -> Plan {
    guard isValid else { throw InvalidInput(diagnostics) }
    return plan
  }

  /// Whether the field or anything in the section was given.
  func isGiven(_ path: String) -> Bool {
    origins[path] != nil || origins.keys.contains { $0.hasPrefix(path + ".") }
  }

  /// Whether a value of this field was refused already, so that further checks of it would only repeat that.
  func isRefused(_ path: String) -> Bool {
    diagnostics.contains { $0.severity == .error && $0.path == path }
  }

  /// A problem of this field, at the line where it, or failing that its section, was given.
  package func problem(_ path: String, _ message: String, severity: Diagnostic.Severity = .error)
    -> Diagnostic
  {
    var place = path
    while true {
      if let origin = origins[place] {
        return Diagnostic(severity, file: origin.file, line: origin.line, path: path, message: message)
      }
      guard let cut = place.lastIndex(where: { $0 == "." || $0 == "[" }) else { break }
      place = String(place[..<cut])
    }
    return Diagnostic(severity, file: file, line: 0, path: path, message: message)
  }
}
