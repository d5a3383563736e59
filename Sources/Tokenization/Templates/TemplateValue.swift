import Records

/// A value while a template is rendered, with Python's meaning.
enum TemplateValue {
  /// What a missing name or member gives: prints as nothing, but may not be looked into. The text says what it
  /// was that is not there.
  case undefined(String)
  case none
  case boolean(Bool)
  case integer(Int)
  case float(Double)
  case text(String)
  /// Text that passed the `safe` filter; joining it to other text by `+` escapes that text as HTML.
  case markup(String)
  case sequence(Sequence)
  case dictionary(Dictionary)
  /// What `map`, `select`, `items` and their kin give: true as a condition, without a length, used up once.
  case iterator(Iterator)
  case namespace(Namespace)
  case loop(LoopState)
  case macro(MacroValue)
  case function(TemplateFunction)
  /// A method that was named but not called.
  case method(String)

  /// Anything with elements in order.
  struct Sequence {
    enum Kind {
      case list, tuple, range
      /// The `keys()`, `values()` and `items()` of a dictionary: no indexing.
      case view
    }
    var kind: Kind
    var elements: [TemplateValue]
  }

  /// A dictionary with text for keys, in the order of insertion.
  struct Dictionary {
    private(set) var keys: [String] = []
    private var values: [String: TemplateValue] = [:]

    subscript(key: String) -> TemplateValue? { values[key] }

    mutating func set(_ key: String, _ value: TemplateValue) {
      if values.updateValue(value, forKey: key) == nil { keys.append(key) }
    }

    var members: [(key: String, value: TemplateValue)] { keys.map { ($0, values[$0]!) } }
    var pairs: [TemplateValue] { members.map { .tuple([.text($0.key), $0.value]) } }
  }

  /// Elements that can be taken once.
  final class Iterator {
    private var elements: [TemplateValue]
    init(_ elements: [TemplateValue]) { self.elements = elements }

    func takeAll() -> [TemplateValue] {
      defer { elements = [] }
      return elements
    }

    func takeFirst() -> TemplateValue? { elements.isEmpty ? nil : elements.removeFirst() }
  }

  /// Variables that a template may set from inside a loop.
  final class Namespace {
    var members: Swift.Dictionary<String, TemplateValue>
    init(_ members: Swift.Dictionary<String, TemplateValue>) { self.members = members }
  }

  /// A macro with the scope it was made in.
  final class MacroValue {
    let macro: TemplateMacro
    let scope: TemplateScope
    init(_ macro: TemplateMacro, scope: TemplateScope) {
      self.macro = macro
      self.scope = scope
    }
  }

  static func list(_ elements: [TemplateValue]) -> TemplateValue {
    .sequence(Sequence(kind: .list, elements: elements))
  }
  static func tuple(_ elements: [TemplateValue]) -> TemplateValue {
    .sequence(Sequence(kind: .tuple, elements: elements))
  }

  init(_ json: JSONValue) {
    switch json {
    case .null: self = .none
    case .bool(let value): self = .boolean(value)
    case .integer(let value): self = .integer(value)
    case .number(let value): self = .float(value)
    case .string(let value): self = .text(value)
    case .array(let elements): self = .list(elements.map(TemplateValue.init))
    case .object(let object):
      var dictionary = Dictionary()
      for (key, value) in object.members { dictionary.set(key, TemplateValue(value)) }
      self = .dictionary(dictionary)
    }
  }
}

extension TemplateValue {
  /// The text of a string, safe or not.
  var string: String? {
    switch self {
    case .text(let text), .markup(let text): text
    default: nil
    }
  }

  /// The whole number that Python would take this for where it wants an index.
  var index: Int? {
    switch self {
    case .integer(let value): value
    case .boolean(let value): value ? 1 : 0
    default: nil
    }
  }

  var number: Double? {
    if case .float(let value) = self { return value }
    return index.map(Double.init)
  }

  var isUndefined: Bool { if case .undefined = self { true } else { false } }

  /// Whether Python would take the value into a set or look it up as a key.
  var isHashable: Bool {
    switch self {
    case .dictionary: false
    case .sequence(let sequence): sequence.kind != .list && sequence.elements.allSatisfy(\.isHashable)
    default: true
    }
  }

  /// `bool(value)`.
  var isTrue: Bool {
    switch self {
    case .undefined, .none: false
    case .boolean(let value): value
    case .integer(let value): value != 0
    case .float(let value): value != 0
    case .text(let text), .markup(let text): !text.isEmpty
    case .sequence(let sequence): !sequence.elements.isEmpty
    case .dictionary(let dictionary): !dictionary.keys.isEmpty
    case .loop(let loop): loop.count > 0
    case .iterator, .namespace, .macro, .function, .method: true
    }
  }

  /// `a == b`.
  static func equal(_ a: TemplateValue, _ b: TemplateValue) -> Bool {
    switch (a, b) {
    case (.undefined, .undefined), (.none, .none): return true
    case (.sequence(let a), .sequence(let b)):
      return a.kind == b.kind && a.elements.count == b.elements.count
        && zip(a.elements, b.elements).allSatisfy(equal)
    case (.dictionary(let a), .dictionary(let b)):
      return a.keys.count == b.keys.count
        && a.members.allSatisfy { member in b[member.key].map { equal(member.value, $0) } ?? false }
    case (.iterator(let a), .iterator(let b)): return a === b
    case (.namespace(let a), .namespace(let b)): return a === b
    case (.macro(let a), .macro(let b)): return a === b
    case (.function(let a), .function(let b)): return a == b
    default:
      if let a = a.string, let b = b.string { return PythonText.equal(a, b) }
      if let a = a.index, let b = b.index { return a == b }
      if let a = a.number, let b = b.number { return a == b }
      return false
    }
  }

  /// The type's name for error messages.
  var kind: String {
    switch self {
    case .undefined: "undefined"
    case .none: "none"
    case .boolean: "a boolean"
    case .integer: "an integer"
    case .float: "a float"
    case .text, .markup: "text"
    case .sequence(let sequence):
      switch sequence.kind {
      case .list: "a list"
      case .tuple: "a tuple"
      case .range: "a range"
      case .view: "a view of a dictionary"
      }
    case .dictionary: "a dictionary"
    case .iterator: "an iterator"
    case .namespace: "a namespace"
    case .loop: "a loop"
    case .macro: "a macro"
    case .function: "a function"
    case .method: "a method"
    }
  }
}
