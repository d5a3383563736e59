extension TemplateRenderer {
  /// Applies a filter. `named` has the arguments by parameter; the filters that take another filter or a test
  /// have theirs in `positional`.
  func apply(
    _ filter: TemplateFilter, to value: TemplateValue, _ positional: [TemplateValue],
    _ named: [String: TemplateValue], _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    switch filter {
    case .default, .d:
      let isMissing = value.isUndefined || (named["boolean"]?.isTrue ?? false) && !value.isTrue
      return isMissing ? named["default_value"] ?? .text("") : value
    case .string:
      if case .markup = value { return value }
      return .text(try printed(value, line))
    case .safe: return .markup(try printed(value, line))
    case .tojson: return .text(try json(value, named, line))
    case .trim, .upper, .lower, .capitalize, .title, .replace, .indent:
      return try applyToText(filter, value, named, line)
    case .abs, .int, .float: return try applyToNumber(filter, value, named, line)
    case .length, .count: return .integer(try length(of: value, line))
    case .list: return .list(try elements(of: value, line))
    case .items:
      switch value {
      case .undefined: return .iterator(.init([]))
      case .dictionary(let dictionary): return .iterator(.init(dictionary.pairs))
      default: throw fail("'items' needs a dictionary, found \(value.kind)", line)
      }
    case .first:
      if case .iterator(let iterator) = value {
        return iterator.takeFirst() ?? .undefined("there is no first element")
      }
      return try elements(of: value, line).first ?? .undefined("there is no first element")
    case .last:
      if case .iterator = value { throw fail("'last' needs a sequence, found \(value.kind)", line) }
      return try elements(of: value, line).last ?? .undefined("there is no last element")
    case .reverse:
      if let text = value.string { return .text(PythonText.string(text.unicodeScalars.reversed())) }
      return .iterator(.init(try elements(of: value, line).reversed()))
    case .join:
      var parts: [String] = []
      for element in try elements(of: value, line) {
        let part = try named["attribute"].map { key throws(TemplateError) in try path(key, of: element, line)
        }
        parts.append(try printed(part ?? element, line))
      }
      return .text(
        parts.joined(separator: try named["d"].map { d throws(TemplateError) in try printed(d, line) } ?? ""))
    case .sum:
      var total = named["start"] ?? .integer(0)
      for element in try elements(of: value, line) {
        let part = try named["attribute"].map { key throws(TemplateError) in try path(key, of: element, line)
        }
        total = try arithmetic(.add, total, part ?? element, line)
      }
      return total
    case .dictsort: return try dictsort(value, named, line)
    case .sort, .unique, .min, .max: return try ordered(filter, value, named, line)
    case .map: return .iterator(.init(try mapped(value, positional, named, line)))
    case .select, .reject, .selectattr, .rejectattr:
      return .iterator(.init(try selected(filter, value, positional, line)))
    }
  }

  private func json(
    _ value: TemplateValue, _ named: [String: TemplateValue], _ line: Int
  ) throws(TemplateError) -> String {
    var style = TemplateValue.JSONStyle()
    style.escapesNonASCII = named["ensure_ascii"]?.isTrue ?? false
    style.sortsKeys = named["sort_keys"]?.isTrue ?? false
    switch named["indent"] {
    case nil, .some(.none): break
    case .some(let indent):
      guard let width = indent.index else {
        throw fail("'tojson' takes an integer indent, found \(indent.kind)", line)
      }
      style.indent = width
      style.itemSeparator = ","
    }
    if case .sequence(let separators)? = named["separators"] {
      guard separators.elements.count == 2, let item = separators.elements[0].string,
        let key = separators.elements[1].string
      else { throw fail("'tojson' takes two separators", line) }
      style.itemSeparator = item
      style.keySeparator = key
    }
    do { return try value.json(style) } catch { throw fail(error.message, line) }
  }

  private func length(of value: TemplateValue, _ line: Int) throws(TemplateError) -> Int {
    switch value {
    case .text(let text), .markup(let text): return text.unicodeScalars.count
    case .undefined: return 0
    case .sequence(let sequence): return sequence.elements.count
    case .dictionary(let dictionary): return dictionary.keys.count
    case .loop(let loop): return try loop.length()
    default: throw fail("\(value.kind) has no length", line)
    }
  }

  /// `a.b.0` inside of an element: members and places with dots between.
  private func path(_ key: TemplateValue, of element: TemplateValue, _ line: Int) throws(TemplateError)
    -> TemplateValue
  {
    guard let name = key.string else { return try self.element(key, of: element, line) }
    var value = element
    for part in PythonText.split(name, by: ".", limit: -1) {
      let isPlace = !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
      value = try self.element(isPlace ? .integer(Int(part) ?? 0) : .text(part), of: value, line)
    }
    return value
  }

  private func mapped(
    _ value: TemplateValue, _ positional: [TemplateValue], _ named: [String: TemplateValue], _ line: Int
  ) throws(TemplateError) -> [TemplateValue] {
    var output: [TemplateValue] = []
    // Jinja asks whether there is anything before it looks whether there are elements.
    guard value.isTrue else { return [] }
    if positional.isEmpty {
      guard let attribute = named["attribute"] else {
        throw fail("'map' needs a filter or an attribute", line)
      }
      for element in try elements(of: value, line) {
        let part = try path(attribute, of: element, line)
        output.append(part.isUndefined ? named["default"] ?? part : part)
      }
      return output
    }
    // The parser has seen to it that the name is a known filter's.
    guard let filter = positional[0].string.flatMap(TemplateFilter.init(rawValue:)) else {
      throw fail("'map' needs the name of a filter", line)
    }
    let arguments = Dictionary(zip(filter.parameters ?? [], positional.dropFirst())) { $1 }
    for element in try elements(of: value, line) {
      output.append(try apply(filter, to: element, [], arguments, line))
    }
    return output
  }

  private func selected(
    _ filter: TemplateFilter, _ value: TemplateValue, _ positional: [TemplateValue], _ line: Int
  ) throws(TemplateError) -> [TemplateValue] {
    let looksInside = filter == .selectattr || filter == .rejectattr
    let keeps = filter == .select || filter == .selectattr
    let arguments = positional.dropFirst(looksInside ? 1 : 0)
    let test = arguments.first?.string.flatMap(TemplateTest.init(name:))
    var output: [TemplateValue] = []
    guard value.isTrue else { return [] }
    for element in try elements(of: value, line) {
      let subject = looksInside ? try path(positional[0], of: element, line) : element
      let result = try test.map { test throws(TemplateError) in
        try passes(test, subject, Array(arguments.dropFirst()), line)
      }
      if (result ?? subject.isTrue) == keeps { output.append(element) }
    }
    return output
  }

  // MARK: Order

  private func dictsort(
    _ value: TemplateValue, _ named: [String: TemplateValue], _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    guard case .dictionary(let dictionary) = value else {
      throw fail("'dictsort' needs a dictionary, found \(value.kind)", line)
    }
    let by = named["by"]?.string ?? "key"
    guard by == "key" || by == "value" else { throw fail("'dictsort' sorts by 'key' or 'value'", line) }
    let keys = dictionary.members.map { by == "key" ? .text($0.key) : $0.value }
    return .list(
      try sorted(
        dictionary.pairs, by: keys, isCaseSensitive: named["case_sensitive"]?.isTrue ?? false,
        isReversed: named["reverse"]?.isTrue ?? false, line))
  }

  private func ordered(
    _ filter: TemplateFilter, _ value: TemplateValue, _ named: [String: TemplateValue], _ line: Int
  ) throws(TemplateError) -> TemplateValue {
    let elements = try elements(of: value, line)
    let isCaseSensitive = named["case_sensitive"]?.isTrue ?? false
    var keys = elements
    if let attribute = named["attribute"] {
      for place in keys.indices { keys[place] = try path(attribute, of: keys[place], line) }
    }
    if filter == .unique {
      var seen: [TemplateValue] = []
      var output: [TemplateValue] = []
      for (key, element) in zip(keys, elements) {
        let key = isCaseSensitive ? key : Self.folded(key)
        guard key.isHashable else { throw fail("'unique' cannot compare \(key.kind)", line) }
        guard !seen.contains(where: { TemplateValue.equal($0, key) }) else { continue }
        seen.append(key)
        output.append(element)
      }
      return .iterator(.init(output))
    }
    let isReversed = filter == .max || filter == .sort && named["reverse"]?.isTrue ?? false
    let sorted = try sorted(
      elements, by: keys, isCaseSensitive: isCaseSensitive, isReversed: isReversed, line)
    if filter == .sort { return .list(sorted) }
    return sorted.first ?? .undefined("there is no element in an empty sequence")
  }

  private static func folded(_ value: TemplateValue) -> TemplateValue {
    value.string.map { .text(PythonText.lower($0)) } ?? value
  }

  /// A stable merge sort, because the order may turn out not to exist in the middle of it.
  private func sorted(
    _ elements: [TemplateValue], by keys: [TemplateValue], isCaseSensitive: Bool, isReversed: Bool,
    _ line: Int
  ) throws(TemplateError) -> [TemplateValue] {
    let keys = isCaseSensitive ? keys : keys.map(Self.folded)
    func sort(_ places: ArraySlice<Int>) throws(TemplateError) -> [Int] {
      guard places.count > 1 else { return Array(places) }
      let middle = places.startIndex + places.count / 2
      let left = try sort(places[..<middle])
      let right = try sort(places[middle...])
      var merged: [Int] = []
      var (l, r) = (0, 0)
      while l < left.count, r < right.count {
        let (a, b) = (keys[left[l]], keys[right[r]])
        // The right one goes first only if it must: equal ones stay as they are, reversed or not.
        if try isReversed ? precedes(a, b, line) : precedes(b, a, line) {
          merged.append(right[r])
          r += 1
        } else {
          merged.append(left[l])
          l += 1
        }
      }
      return merged + left[l...] + right[r...]
    }
    return try sort(ArraySlice(elements.indices)).map { elements[$0] }
  }
}
