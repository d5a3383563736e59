import Foundation

extension TemplateRenderer {
  func apply(
    _ function: TemplateFunction, _ arguments: TemplateArguments, _ line: Int, in scope: TemplateScope
  ) throws(TemplateError) -> TemplateValue {
    var positional: [TemplateValue] = []
    for argument in arguments.positional { positional.append(try evaluate(argument, in: scope)) }
    var members = TemplateValue.Dictionary()
    for (name, value) in arguments.named { members.set(name, try evaluate(value, in: scope)) }
    func only() throws(TemplateError) -> TemplateValue {
      guard positional.count == 1, members.keys.isEmpty else {
        throw fail("'\(function.rawValue)' takes one argument", line)
      }
      return positional[0]
    }
    switch function {
    case .raiseException: throw TemplateError(.raised, line: line, try printed(try only(), line))
    case .strftimeNow:
      guard let format = try only().string else { throw fail("'strftime_now' takes a format", line) }
      return .text(try Self.formatted(now ?? Int(Date().timeIntervalSince1970), format, line))
    case .range: return try range(positional, line)
    case .namespace, .dict:
      // An optional dictionary first, whose members the named arguments override.
      guard positional.count <= 1 else {
        throw fail("'\(function.rawValue)' takes one dictionary at most", line)
      }
      var all = TemplateValue.Dictionary()
      if let first = positional.first {
        guard case .dictionary(let given) = first else {
          throw fail("'\(function.rawValue)' takes a dictionary, found \(first.kind)", line)
        }
        all = given
      }
      for (name, value) in members.members { all.set(name, value) }
      guard function == .namespace else { return .dictionary(all) }
      let namespace = TemplateValue.Namespace(
        Dictionary(uniqueKeysWithValues: all.members.map { ($0.key, $0.value) }))
      namespaces.append(namespace)
      return .namespace(namespace)
    }
  }

  /// The sandbox's bound on `range`.
  private static let longestRange = 100_000

  private func range(_ arguments: [TemplateValue], _ line: Int) throws(TemplateError) -> TemplateValue {
    let bounds = arguments.compactMap(\.index)
    guard bounds.count == arguments.count, (1...3).contains(bounds.count) else {
      throw fail("'range' takes one to three integers", line)
    }
    let step = bounds.count > 2 ? bounds[2] : 1
    guard step != 0 else { throw fail("'range' cannot have the step 0", line) }
    let start = bounds.count > 1 ? bounds[0] : 0
    let end = bounds.count > 1 ? bounds[1] : bounds[0]
    var elements: [TemplateValue] = []
    for value in stride(from: start, to: end, by: step) {
      guard elements.count < Self.longestRange else {
        throw fail("'range' has more than \(Self.longestRange) elements", line)
      }
      elements.append(.integer(value))
    }
    return .sequence(.init(kind: .range, elements: elements))
  }

  /// `datetime.now().strftime(format)`, which is the C library's.
  private static func formatted(_ now: Int, _ format: String, _ line: Int) throws(TemplateError) -> String {
    guard !format.isEmpty else { return "" }
    var time = time_t(now)
    var parts = tm()
    localtime_r(&time, &parts)
    var buffer = [CChar](repeating: 0, count: 256 + format.utf8.count * 16)
    let count = strftime(&buffer, buffer.count, format, &parts)
    return String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  // MARK: Methods

  func apply(
    _ method: TemplateMethod, to value: TemplateValue, _ arguments: [TemplateValue?], _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    switch value {
    case .undefined(let reason): throw fail(reason + ", so it has no method '\(method.rawValue)'", line)
    case .text(let text):
      if let result = try apply(method, to: text, arguments, line) { return result }
    case .markup: throw fail("methods of text that passed the filter 'safe' are not supported", line)
    case .dictionary(let dictionary):
      switch method {
      case .items: return .sequence(.init(kind: .view, elements: dictionary.pairs))
      case .keys: return .sequence(.init(kind: .view, elements: dictionary.keys.map { .text($0) }))
      case .values: return .sequence(.init(kind: .view, elements: dictionary.members.map(\.value)))
      case .get:
        guard let key = arguments[0], key.isHashable else { throw fail("'get' needs a key", line) }
        return key.string.flatMap { dictionary[$0] } ?? arguments[1] ?? .none
      default: break
      }
    case .loop(let loop):
      let arguments = arguments.compactMap { $0 }
      if method == .cycle, !arguments.isEmpty { return arguments[loop.index0 % arguments.count] }
      if method == .changed {
        defer { loop.lastSeen = arguments }
        guard let last = loop.lastSeen, last.count == arguments.count else { return .boolean(true) }
        return .boolean(!zip(last, arguments).allSatisfy(TemplateValue.equal))
      }
    default: break
    }
    throw fail("\(value.kind) has no method '\(method.rawValue)'", line)
  }

  /// A method of text; nil for one that text does not have.
  private func apply(
    _ method: TemplateMethod, to text: String, _ arguments: [TemplateValue?], _ line: Int
  ) throws(TemplateError) -> TemplateValue? {
    func isAbsent(_ place: Int) -> Bool {
      if case .none? = arguments[place] { return true }
      return arguments[place] == nil
    }
    func string(_ place: Int) throws(TemplateError) -> String {
      guard let string = arguments[place]?.string else {
        throw fail("'\(method.rawValue)' needs text, found \(arguments[place]?.kind ?? "nothing")", line)
      }
      return string
    }
    func integer(_ place: Int) throws(TemplateError) -> Int {
      guard let argument = arguments[place] else { return -1 }
      guard let index = argument.index else {
        throw fail("'\(method.rawValue)' needs an integer, found \(argument.kind)", line)
      }
      return index
    }
    switch method {
    case .split, .rsplit:
      let limit = try integer(1)
      if isAbsent(0) {
        guard method == .split || limit < 0 else {
          throw fail("'rsplit' at white space with a limit is not supported", line)
        }
        return .list(PythonText.splitAtSpace(text, limit: limit).map { .text($0) })
      }
      let separator = try string(0)
      guard !separator.isEmpty else {
        throw fail("'\(method.rawValue)' needs a separator that is not empty", line)
      }
      let parts =
        method == .split
        ? PythonText.split(text, by: separator, limit: limit)
        : PythonText.splitFromEnd(text, by: separator, limit: limit)
      return .list(parts.map { .text($0) })
    case .splitlines: return .list(PythonText.lines(text).map { .text($0) })
    case .strip: return .text(PythonText.strip(text, [.left, .right], of: isAbsent(0) ? nil : try string(0)))
    case .lstrip: return .text(PythonText.strip(text, .left, of: isAbsent(0) ? nil : try string(0)))
    case .rstrip: return .text(PythonText.strip(text, .right, of: isAbsent(0) ? nil : try string(0)))
    case .startswith, .endswith:
      var affixes: [String] = []
      if case .sequence(let sequence)? = arguments[0], sequence.kind == .tuple {
        affixes = sequence.elements.compactMap(\.string)
        guard affixes.count == sequence.elements.count else {
          throw fail("'\(method.rawValue)' needs text or a tuple of texts", line)
        }
      } else {
        affixes = [try string(0)]
      }
      let bytes = text.utf8
      return .boolean(
        affixes.contains {
          method == .startswith
            ? bytes.starts(with: $0.utf8) : bytes.reversed().starts(with: $0.utf8.reversed())
        })
    case .replace:
      return .text(PythonText.replace(text, try string(0), with: try string(1), limit: try integer(2)))
    case .upper: return .text(text.uppercased())
    case .lower: return .text(PythonText.lower(text))
    case .capitalize: return .text(PythonText.capitalize(text))
    case .join:
      var parts: [String] = []
      for part in try elements(of: arguments[0] ?? .none, line) {
        guard let part = part.string else { throw fail("'join' needs texts, found \(part.kind)", line) }
        parts.append(part)
      }
      return .text(parts.joined(separator: text))
    case .find:
      let bytes = Array(text.utf8)
      guard let place = PythonText.find(Array(try string(0).utf8), in: bytes) else { return .integer(-1) }
      return .integer(String(decoding: bytes[..<place], as: UTF8.self).unicodeScalars.count)
    case .count:
      let part = try string(0)
      guard !part.isEmpty else { return .integer(text.unicodeScalars.count + 1) }
      return .integer(PythonText.split(text, by: part, limit: -1).count - 1)
    case .removeprefix:
      let affix = try string(0)
      return .text(
        text.utf8.starts(with: affix.utf8) ? String(text.utf8.dropFirst(affix.utf8.count)) ?? text : text)
    case .removesuffix:
      let affix = try string(0)
      let has = text.utf8.reversed().starts(with: affix.utf8.reversed())
      return .text(has ? String(text.utf8.dropLast(affix.utf8.count)) ?? text : text)
    case .items, .keys, .values, .get, .cycle, .changed: return nil
    }
  }
}
