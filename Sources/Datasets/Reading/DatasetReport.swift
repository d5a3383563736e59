package import Records

/// What `operant data validate` says of a file: counts, columns, lengths and every problem.
package struct DatasetReport: Sendable, Hashable {
  /// How many messages have a role.
  package struct RoleCount: Sendable, Hashable {
    package var role: Role
    package var messages: Int
  }

  /// A column other than `messages` and `tools`.
  package struct Column: Sendable, Hashable {
    package var name: String
    /// Rows that have it.
    package var rows: Int
    /// Kinds of its values ("text", "a number", ...), most frequent first.
    package var kinds: [String]
  }

  /// The spread of a count over rows.
  package struct Spread: Sendable, Hashable {
    package var least: Int
    package var median: Int
    /// 95 of 100 rows are at or below.
    package var percentile95: Int
    package var most: Int
    package var mean: Double

    /// nil for no values.
    init?(_ values: [Int]) {
      guard !values.isEmpty else { return nil }
      let sorted = values.sorted()
      least = sorted[0]
      median = sorted[(sorted.count - 1) / 2]
      percentile95 = sorted[(sorted.count * 95 + 99) / 100 - 1]
      most = sorted[sorted.count - 1]
      mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
    }
  }

  package let file: String
  /// Rows that could be read.
  package let rows: Int
  /// Messages by role, in the order of `Role`.
  package let roles: [RoleCount]
  package let rowsWithTools: Int
  package let columns: [Column]
  /// Characters (Unicode scalars) of all messages of a row together.
  package let promptCharacters: Spread?
  package let messagesPerRow: Spread?
  /// Rows whose prompt an earlier row has as well.
  package let repeatedPrompts: Int
  package let diagnostics: [Diagnostic]

  /// Whether a run can use the file.
  package var isUsable: Bool { !diagnostics.contains { $0.severity == .error } }

  /// Examines a file; problems are part of the report.
  package init(file: String) {
    let outcome = DatasetReader.examine(file: file)
    self.init(file: file, examples: outcome.examples, diagnostics: outcome.diagnostics)
  }

  init(file: String, examples: [Example], diagnostics: [Diagnostic]) {
    self.file = file
    rows = examples.count
    var counts: [Role: Int] = [:]
    var kinds: [String: [String: Int]] = [:]
    var names: [String] = []
    var prompts: Set<UInt64> = []
    var repeated = 0
    for example in examples {
      for message in example.messages { counts[message.role, default: 0] += 1 }
      for (key, value) in example.item.members {
        if kinds[key] == nil { names.append(key) }
        kinds[key, default: [:]][value.kind, default: 0] += 1
      }
      if !prompts.insert(example.promptHash()).inserted { repeated += 1 }
    }
    roles = Role.allCases.compactMap { role in counts[role].map { RoleCount(role: role, messages: $0) } }
    rowsWithTools = examples.count { !$0.tools.isEmpty }
    columns = names.map { name in
      let byKind = (kinds[name] ?? [:]).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      return Column(name: name, rows: byKind.reduce(0) { $0 + $1.value }, kinds: byKind.map(\.key))
    }
    promptCharacters = Spread(
      examples.map { $0.messages.reduce(0) { $0 + $1.text.unicodeScalars.count } })
    messagesPerRow = Spread(examples.map(\.messages.count))
    repeatedPrompts = repeated
    self.diagnostics =
      diagnostics + Self.warnings(columns, rows: examples.count, repeated: repeated, file: file)
  }

  private static func warnings(_ columns: [Column], rows: Int, repeated: Int, file: String) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    for column in columns where column.rows < rows {
      let message =
        "\(rows - column.rows) of \(rows) rows lack this column; a grader that reads item.\(column.name) fails on them"
      warnings.append(Diagnostic(.warning, file: file, path: column.name, message: message))
    }
    for column in columns where column.kinds.count > 1 {
      let message = "holds \(column.kinds.joined(separator: " in some rows, ")) in others; expected one kind"
      warnings.append(Diagnostic(.warning, file: file, path: column.name, message: message))
    }
    if repeated > 0 {
      let message =
        "\(repeated) row\(repeated == 1 ? "'s prompt repeats" : "s' prompts repeat") an earlier one's"
      warnings.append(Diagnostic(.warning, file: file, path: "messages", message: message))
    }
    return warnings
  }
}

extension DatasetReport {
  /// The report as `operant data validate --json` prints it.
  package var json: JSONValue {
    [
      "file": .string(file),
      "usable": .bool(isUsable),
      "rows": .integer(rows),
      "rows_with_tools": .integer(rowsWithTools),
      "repeated_prompts": .integer(repeatedPrompts),
      "messages_by_role": .object(JSONObject(roles.map { ($0.role.rawValue, .integer($0.messages)) })),
      "messages_per_row": messagesPerRow?.json ?? .null,
      "prompt_characters": promptCharacters?.json ?? .null,
      "columns": .array(
        columns.map { column in
          [
            "name": .string(column.name), "rows": .integer(column.rows),
            "kinds": .array(column.kinds.map(JSONValue.string)),
          ]
        }),
      "problems": .array(
        diagnostics.map { problem in
          [
            "severity": .string(problem.severity.rawValue), "line": .integer(problem.line),
            "path": .string(problem.path), "message": .string(problem.message),
          ]
        }),
    ]
  }
}

extension DatasetReport.Spread {
  fileprivate var json: JSONValue {
    [
      "least": .integer(least), "median": .integer(median), "percentile_95": .integer(percentile95),
      "most": .integer(most), "mean": .number(mean),
    ]
  }
}
