import Foundation

/// A formula that cannot be read: what was found and what was expected, with the character it was found at.
struct FormulaError: Error, Sendable, Hashable {
  let message: String
}

/// The arithmetic of OpenAI's `calculate_output`: names, numbers, `+ - * / ^`, parentheses, unary minus and the
/// functions min, max, abs, floor, ceil, exp, sqrt and log. `^` binds tighter than a minus before it and to the
/// right, as on paper: -2^2 is -4, 2^3^2 is 512.
indirect enum Formula: Sendable, Hashable {
  case number(Double)
  case name(String)
  case negated(Formula)
  case sum(Formula, Formula)
  case difference(Formula, Formula)
  case product(Formula, Formula)
  case quotient(Formula, Formula)
  case power(Formula, Formula)
  case call(Function, [Formula])

  enum Function: String, Sendable, CaseIterable {
    case min, max, abs, floor, ceil, exp, sqrt, log

    /// min and max take any number of arguments, the others one.
    var isVariadic: Bool { self == .min || self == .max }
  }

  /// The value, by IEEE rules: a division by zero is infinite, the root of a negative number is NaN.
  /// Names without a value are NaN; compilation rules them out.
  func value(_ values: [String: Double]) -> Double {
    switch self {
    case .number(let number): number
    case .name(let name): values[name] ?? .nan
    case .negated(let a): -a.value(values)
    case .sum(let a, let b): a.value(values) + b.value(values)
    case .difference(let a, let b): a.value(values) - b.value(values)
    case .product(let a, let b): a.value(values) * b.value(values)
    case .quotient(let a, let b): a.value(values) / b.value(values)
    case .power(let a, let b): pow(a.value(values), b.value(values))
    case .call(let function, let arguments): Self.apply(function, arguments.map { $0.value(values) })
    }
  }

  private static func apply(_ function: Function, _ arguments: [Double]) -> Double {
    let first = arguments[0]
    return switch function {
    // NaN must not be swallowed, as `Double.minimum` would.
    case .min: arguments.contains(where: \.isNaN) ? .nan : arguments.min() ?? .nan
    case .max: arguments.contains(where: \.isNaN) ? .nan : arguments.max() ?? .nan
    case .abs: first.magnitude
    case .floor: first.rounded(.down)
    case .ceil: first.rounded(.up)
    case .exp: Foundation.exp(first)
    case .sqrt: first.squareRoot()
    case .log: Foundation.log(first)
    }
  }

  /// Every name, once, in the order of first use.
  var names: [String] {
    var names: [String] = []
    collect(&names)
    return names
  }

  private func collect(_ names: inout [String]) {
    switch self {
    case .number: break
    case .name(let name): if !names.contains(name) { names.append(name) }
    case .negated(let a): a.collect(&names)
    case .sum(let a, let b), .difference(let a, let b), .product(let a, let b), .quotient(let a, let b),
      .power(let a, let b):
      a.collect(&names)
      b.collect(&names)
    case .call(_, let arguments): for argument in arguments { argument.collect(&names) }
    }
  }
}
