/// The variables of a template, a loop's body or a macro, and the scope they are in.
final class TemplateScope {
  private var variables: [String: TemplateValue] = [:]
  private let parent: TemplateScope?

  init(in parent: TemplateScope? = nil) { self.parent = parent }

  /// The innermost value of a name.
  func value(of name: String) -> TemplateValue? {
    var scope: TemplateScope? = self
    while let current = scope {
      if let value = current.variables[name] { return value }
      scope = current.parent
    }
    return nil
  }

  /// Gives a name a value in this scope; one outside of it keeps its own.
  func set(_ name: String, _ value: TemplateValue) { variables[name] = value }

  func removeAll() { variables.removeAll() }
}

/// A loop in progress, what `loop` is inside of it. Elements are drawn one ahead at most, because a loop's
/// condition may look at what its body has changed.
final class LoopState {
  private let elements: [TemplateValue]
  private var accepts: ((TemplateValue) throws(TemplateError) -> Bool)?
  private var drawn = 0
  private var ahead: [TemplateValue] = []
  private(set) var index0 = -1
  private(set) var current: TemplateValue?
  private(set) var previous: TemplateValue?
  /// What `changed` was called with last.
  var lastSeen: [TemplateValue]?

  init(_ elements: [TemplateValue], accepts: @escaping (TemplateValue) throws(TemplateError) -> Bool) {
    self.elements = elements
    self.accepts = accepts
  }

  private func draw() throws(TemplateError) -> TemplateValue? {
    while drawn < elements.count {
      drawn += 1
      let element = elements[drawn - 1]
      guard let accepts else { return element }
      if try accepts(element) { return element }
    }
    return nil
  }

  /// Goes on to the next element; nil at the end.
  func advance() throws(TemplateError) -> TemplateValue? {
    let next = ahead.isEmpty ? try draw() : ahead.removeFirst()
    guard let next else { return nil }
    previous = current
    current = next
    index0 += 1
    return next
  }

  func peek() throws(TemplateError) -> TemplateValue? {
    if ahead.isEmpty, let next = try draw() { ahead.append(next) }
    return ahead.first
  }

  /// How many elements there are in all; draws the rest.
  func length() throws(TemplateError) -> Int {
    while let next = try draw() { ahead.append(next) }
    return index0 + 1 + ahead.count
  }

  /// How many elements there were before the condition, for the loop as a value.
  var count: Int { elements.count }

  /// Lets go of the loop's condition, which holds the scope that may hold this.
  func end() {
    accepts = nil
    drawn = elements.count
  }
}
