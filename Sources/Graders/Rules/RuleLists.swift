import Records

/// The phrases of politeness markers and tones, a grader's own added, and what is no shouting in its trade.
struct RuleLists: Sendable {
  private var markers: [PolitenessMarker: [FoldedText]] = [:]
  private var tones: [String: [FoldedText]] = [:]
  private(set) var acronyms: Set<String> = []

  /// Reads `markers`, `tones` and `acronyms` of a rules grader.
  init(_ reader: DefinitionReader) {
    for marker in PolitenessMarker.allCases { markers[marker] = marker.phrases.map(Self.folded) }
    for tone in Tone.allCases { tones[tone.rawValue] = tone.phrases.map(Self.folded) }
    for (name, phrases) in Self.lists("markers", reader) {
      if let marker = PolitenessMarker(rawValue: name) {
        markers[marker, default: []] += phrases
      } else {
        let names = PolitenessMarker.allCases.map(\.rawValue)
        reader.error("markers.\(name)", "there is no marker '\(name)'; \(Self.choice(name, names))")
      }
    }
    for (name, phrases) in Self.lists("tones", reader) { tones[name, default: []] += phrases }
    acronyms = Set(Self.texts(reader.object["acronyms"], path: reader.path(of: "acronyms"), reader))
  }

  private static func folded(_ phrase: String) -> FoldedText { FoldedText(phrase, ignoringCase: true) }

  private static func choice(_ name: String, _ names: [String]) -> String {
    EditDistance.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
      ?? "expected one of \(names.joined(separator: ", "))"
  }

  private static func lists(_ key: String, _ reader: DefinitionReader) -> [(String, [FoldedText])] {
    guard let value = reader.object[key] else { return [] }
    guard let object = value.object else {
      reader.error(key, "expected an object from names to lists of phrases, found \(value.kind)")
      return []
    }
    return object.members.map { name, value in
      (name, texts(value, path: "\(reader.path(of: key)).\(name)", reader).map(folded))
    }
  }

  /// A list of texts that are not blank; variables have no place in it.
  private static func texts(_ value: JSONValue?, path: String, _ reader: DefinitionReader) -> [String] {
    guard let value else { return [] }
    guard let list = value.array, !list.isEmpty else {
      reader.problems.error(
        path, "expected a list of phrases, found \(value.array == nil ? value.kind : "an empty one")")
      return []
    }
    return list.enumerated().compactMap { index, element in
      if let text = element.string, text.utf8.contains(where: { $0 > 0x20 }), !text.utf8Contains("{{") {
        return text
      }
      let found = element.string.map { "'\($0)'" } ?? element.kind
      reader.problems.error("\(path)[\(index)]", "expected a phrase without variables, found \(found)")
      return nil
    }
  }

  func phrases(of marker: PolitenessMarker) -> [FoldedText] { markers[marker, default: []] }

  /// The phrases of every tone that a rule names in a list; nil when the key is absent.
  func phrases(ofTonesIn key: String, _ reader: DefinitionReader) -> [FoldedText]? {
    guard let value = reader.object[key] else { return nil }
    let names = tones.keys.sorted()
    return (value.array ?? [value]).enumerated().flatMap { index, element -> [FoldedText] in
      if let name = element.string, let phrases = tones[name] { return phrases }
      let problem =
        element.string.map { "there is no tone '\($0)'; \(Self.choice($0, names))" }
        ?? "expected one of \(names.joined(separator: ", ")); found \(element.kind)"
      reader.error(value.array == nil ? key : "\(key)[\(index)]", problem)
      return []
    }
  }

  /// The markers that a rule names; nil when the key is absent.
  func markers(_ key: String, _ reader: DefinitionReader) -> [PolitenessMarker]? {
    guard let value = reader.object[key] else { return nil }
    let names = PolitenessMarker.allCases.map(\.rawValue)
    let list = value.array ?? [value]
    if list.isEmpty {
      reader.error(key, "is an empty list; expected one or more of \(names.joined(separator: ", "))")
    }
    return list.enumerated().compactMap { index, element in
      if let name = element.string, let marker = PolitenessMarker(rawValue: name) { return marker }
      let problem =
        element.string.map { "there is no marker '\($0)'; \(Self.choice($0, names))" }
        ?? "expected one of \(names.joined(separator: ", ")); found \(element.kind)"
      reader.error(value.array == nil ? key : "\(key)[\(index)]", problem)
      return nil
    }
  }
}
