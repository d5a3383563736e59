/// An expression of a template.
struct TemplateExpression: Sendable {
  indirect enum Kind: Sendable {
    case none
    case boolean(Bool)
    case integer(Int)
    case float(Double)
    case text(String)
    case name(String)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case dictionary([(key: TemplateExpression, value: TemplateExpression)])
    case attribute(TemplateExpression, String)
    case element(TemplateExpression, TemplateExpression)
    case slice(
      TemplateExpression, from: TemplateExpression?, to: TemplateExpression?, by: TemplateExpression?)
    /// A call of what a name stands for: a macro, `caller`, or a function that was shadowed.
    case call(TemplateExpression, TemplateArguments)
    case function(TemplateFunction, TemplateArguments)
    case method(TemplateExpression, TemplateMethod, [TemplateExpression?])
    /// A filter without a subject stands at the head of a block and gets the block's text. All arguments have
    /// names, except for those of `map` and the selecting filters.
    case filter(TemplateExpression?, TemplateFilter, TemplateArguments)
    case test(TemplateExpression, TemplateTest, [TemplateExpression?])
    case negative(TemplateExpression)
    case positive(TemplateExpression)
    case arithmetic(Arithmetic, TemplateExpression, TemplateExpression)
    case comparison(TemplateExpression, [(Comparison, TemplateExpression)])
    case concatenation([TemplateExpression])
    case and(TemplateExpression, TemplateExpression)
    case or(TemplateExpression, TemplateExpression)
    case not(TemplateExpression)
    case conditional(condition: TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
  }

  enum Arithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case floorDivide = "//"
    case remainder = "%"
    case power = "**"
  }

  enum Comparison: String, Sendable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
  }

  var kind: Kind
  var line: Int
}

/// The arguments of a call as they are written.
struct TemplateArguments: Sendable {
  var positional: [TemplateExpression] = []
  var named: [(name: String, value: TemplateExpression)] = []
}

/// A statement of a template.
struct TemplateStatement: Sendable {
  indirect enum Kind: Sendable {
    case text(String)
    case output(TemplateExpression)
    case loop(Loop)
    case conditional(
      [(condition: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
    case assign(Target, TemplateExpression)
    /// The text of a body, through filters; the innermost filter has no subject.
    case assignBlock(Target, filter: TemplateExpression?, body: [TemplateStatement])
    case macro(TemplateMacro)
    case callBlock(TemplateMacro, TemplateExpression, TemplateArguments)
    case filterBlock(TemplateExpression, body: [TemplateStatement])
    /// A body with variables of its own: `generation`.
    case scope([TemplateStatement])
    case leave
    case next
  }

  struct Loop: Sendable {
    var target: Target
    var sequence: TemplateExpression
    var condition: TemplateExpression?
    var body: [TemplateStatement]
    var otherwise: [TemplateStatement]
  }

  indirect enum Target: Sendable {
    case name(String)
    case attribute(namespace: String, String)
    case several([Target])
  }

  var kind: Kind
  var line: Int
}

/// A macro, or the body of a call block, which is one without a name.
struct TemplateMacro: Sendable {
  var name: String
  var parameters: [(name: String, fallback: TemplateExpression?)]
  var body: [TemplateStatement]
  /// Which of the implicit parameters the body mentions; giving one that it does not mention is an error.
  var usesCaller: Bool
  var usesExtraPositional: Bool
  var usesExtraNamed: Bool
}
