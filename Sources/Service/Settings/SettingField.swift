internal import Records

/// One setting: its address in the YAML file, the variable that sets it, what it takes and where it goes.
struct SettingField: Sendable {
  /// What a value must be.
  enum Kind: Sendable, Hashable {
    case text
    /// A file that must be there.
    case file
    case path
    case flag
    case integer(ClosedRange<Int>)
    /// A number of bytes, or one with `KiB`, `MiB` or `GiB`.
    case bytes(ClosedRange<Int>)
    case choice([String])
    case texts
  }

  /// Such as `listen.port`.
  let path: String
  let kind: Kind
  let doc: String
  /// Shown where the default depends on the machine.
  let defaultNote: String?
  /// Whether its value is kept out of everything that is printed.
  let isSecret: Bool
  let get: @Sendable (ServiceSettings) -> JSONValue
  let set: @Sendable (inout ServiceSettings, JSONValue) -> Void

  /// Such as `OPERANT_LISTEN_PORT`.
  var variable: String { "OPERANT_" + path.uppercased().replacing(".", with: "_") }
  var section: String { path.split(separator: ".").dropLast().joined(separator: ".") }
  var key: String { path.split(separator: ".").last.map(String.init) ?? path }
}

extension SettingField.Kind {
  /// In the words of an error message.
  var expectation: String {
    switch self {
    case .text: "a text"
    case .file: "a file"
    case .path: "a path"
    case .flag: "true or false"
    case .integer(let range):
      range.upperBound == .max
        ? "a whole number from \(range.lowerBound)"
        : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .bytes: "a number of bytes, such as 512MiB or 8GiB"
    case .choice(let words): "one of " + words.joined(separator: ", ")
    case .texts: "a list of texts"
    }
  }
}

extension SettingField {
  static func text(
    _ path: String, _ key: any WritableKeyPath<ServiceSettings, String> & Sendable, kind: Kind = .text,
    _ doc: String
  )
    -> SettingField
  {
    SettingField(
      path: path, kind: kind, doc: doc, defaultNote: nil, isSecret: false, get: { .string($0[keyPath: key]) },
      set: { if let text = $1.string { $0[keyPath: key] = text } })
  }

  static func optional(
    _ path: String, _ key: any WritableKeyPath<ServiceSettings, String?> & Sendable, kind: Kind = .text,
    isSecret: Bool = false, note: String = "none", _ doc: String
  ) -> SettingField {
    SettingField(
      path: path, kind: kind, doc: doc, defaultNote: note, isSecret: isSecret,
      get: { $0[keyPath: key].map(JSONValue.string) ?? .null },
      set: { $0[keyPath: key] = $1.string })
  }

  static func integer(
    _ path: String, _ key: any WritableKeyPath<ServiceSettings, Int> & Sendable, _ range: ClosedRange<Int>,
    _ doc: String
  ) -> SettingField {
    SettingField(
      path: path, kind: .integer(range), doc: doc, defaultNote: nil, isSecret: false,
      get: { .integer($0[keyPath: key]) }, set: { if let value = $1.integer { $0[keyPath: key] = value } })
  }

  static func bytes(
    _ path: String, _ key: any WritableKeyPath<ServiceSettings, Int> & Sendable, _ range: ClosedRange<Int>,
    _ doc: String
  ) -> SettingField {
    SettingField(
      path: path, kind: .bytes(range), doc: doc, defaultNote: nil, isSecret: false,
      get: { .integer($0[keyPath: key]) }, set: { if let value = $1.integer { $0[keyPath: key] = value } })
  }

  static func optionalInteger(
    _ path: String, _ key: any WritableKeyPath<ServiceSettings, Int?> & Sendable, _ kind: Kind, note: String,
    _ doc: String
  ) -> SettingField {
    SettingField(
      path: path, kind: kind, doc: doc, defaultNote: note, isSecret: false,
      get: { $0[keyPath: key].map(JSONValue.integer) ?? .null }, set: { $0[keyPath: key] = $1.integer })
  }

  static func flag(
    _ path: String, _ key: any WritableKeyPath<ServiceSettings, Bool> & Sendable, _ doc: String
  ) -> SettingField {
    SettingField(
      path: path, kind: .flag, doc: doc, defaultNote: nil, isSecret: false, get: { .bool($0[keyPath: key]) },
      set: { if let value = $1.bool { $0[keyPath: key] = value } })
  }

  static func texts(
    _ path: String, _ key: any WritableKeyPath<ServiceSettings, [String]> & Sendable, _ doc: String
  ) -> SettingField {
    SettingField(
      path: path, kind: .texts, doc: doc, defaultNote: "none", isSecret: false,
      get: { .array($0[keyPath: key].map(JSONValue.string)) },
      set: { $0[keyPath: key] = $1.array?.compactMap(\.string) ?? [] })
  }

  static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
    _ path: String, _ key: any WritableKeyPath<ServiceSettings, Choice> & Sendable, _ doc: String
  ) -> SettingField where Choice.RawValue == String {
    SettingField(
      path: path, kind: .choice(Choice.allCases.map(\.rawValue)), doc: doc, defaultNote: nil, isSecret: false,
      get: { .string($0[keyPath: key].rawValue) },
      set: { if let value = $1.string.flatMap(Choice.init) { $0[keyPath: key] = value } })
  }
}
