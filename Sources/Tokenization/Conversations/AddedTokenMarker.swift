import Records

/// Puts a mark before every place in a text where an added token's content starts, so that encoding can tell
/// what was typed from what the template wrote.
struct AddedTokenMarker: Sendable {
  /// Which added tokens are marked.
  enum Scope: Sendable {
    case all
    /// Only those that are special: a model's own words may hold the others, such as `<tool_call>`.
    case special
  }

  private let all: AddedTokenMatcher
  private let special: AddedTokenMatcher
  private let normalizer: TokenizerDefinition.Normalizer

  init(_ definition: TokenizerDefinition) {
    // A token that is looked for after normalising can be typed in other scalars, so texts are searched in the
    // form they will have.
    normalizer = definition.addedTokens.contains(where: \.normalized) ? definition.normalizer : .none
    let normalizer = normalizer
    let form = { (token: TokenizerDefinition.AddedToken) in normalizer.apply(to: token.content) }
    all = AddedTokenMatcher(definition.addedTokens, form: form)
    special = AddedTokenMatcher(definition.addedTokens.filter(\.special), form: form)
  }

  /// Whether two texts are the same to the tokenizer.
  func areSame(_ a: String, _ b: String) -> Bool {
    normalizer.apply(to: a).utf8.elementsEqual(normalizer.apply(to: b).utf8)
  }

  /// Whether any text inside of the value holds an added token's content.
  func finds(in value: JSONValue) -> Bool { first(in: value, all) != nil }

  /// The first special token's content inside of the value.
  func firstSpecial(in value: JSONValue) -> String? { first(in: value, special) }

  private func first(in value: JSONValue, _ matcher: AddedTokenMatcher) -> String? {
    switch value {
    case .string(let text):
      var text = normalizer.apply(to: text)
      return text.withUTF8 { text in
        text.indices.lazy.compactMap { matcher.longestMatch(at: $0, in: text)?.token.content }.first
      }
    case .array(let elements): return elements.lazy.compactMap { first(in: $0, matcher) }.first
    case .object(let object):
      return object.members.lazy.compactMap {
        first(in: .string($0.key), matcher) ?? first(in: $0.value, matcher)
      }
      .first
    case .null, .bool, .integer, .number: return nil
    }
  }

  /// The value with `scalar` before every added token in its texts and keys.
  func marked(_ value: JSONValue, with scalar: Unicode.Scalar, _ scope: Scope) -> JSONValue {
    switch value {
    case .string(let text): .string(marked(text, with: scalar, scope))
    case .array(let elements): .array(elements.map { marked($0, with: scalar, scope) })
    case .object(let object): .object(marked(object, with: scalar, scope))
    case .null, .bool, .integer, .number: value
    }
  }

  /// The object with `scalar` before every added token in its texts and keys.
  func marked(_ object: JSONObject, with scalar: Unicode.Scalar, _ scope: Scope) -> JSONObject {
    JSONObject(
      object.members.map { (marked($0.key, with: scalar, scope), marked($0.value, with: scalar, scope)) })
  }

  private func marked(_ text: String, with scalar: Unicode.Scalar, _ scope: Scope) -> String {
    let matcher = scope == .all ? all : special
    var output: [UInt8] = []
    var text = normalizer.apply(to: text)
    text.withUTF8 { text in
      output.reserveCapacity(text.count + 16)
      // Every place, those inside of another token too: none may match once its surroundings are text.
      for place in text.indices {
        if matcher.longestMatch(at: place, in: text) != nil {
          output.append(contentsOf: UTF8.encode(scalar)!)
        }
        output.append(text[place])
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// A scalar that the text and the values do not have: a noncharacter, or if all of those were typed, one for
  /// private use.
  static func unusedScalar(in text: String, _ values: [JSONValue]) -> Unicode.Scalar {
    var used = Set(text.unicodeScalars)
    func collect(_ value: JSONValue) {
      switch value {
      case .string(let text): used.formUnion(text.unicodeScalars)
      case .array(let elements): elements.forEach(collect)
      case .object(let object):
        for (key, value) in object.members {
          used.formUnion(key.unicodeScalars)
          collect(value)
        }
      case .null, .bool, .integer, .number: break
      }
    }
    values.forEach(collect)
    let candidates: [ClosedRange<UInt32>] = [0xFDD0...0xFDEF, 0xF0000...0x10FFFF]
    for case let candidate? in candidates.joined().lazy.map({ Unicode.Scalar($0) })
    where !used.contains(candidate) {
      return candidate
    }
    preconditionFailure("a text has each of the 131,102 scalars for private use")
  }
}
