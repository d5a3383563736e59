/// The functions that every template has.
enum TemplateFunction: String, CaseIterable, Sendable {
  case range, namespace, dict
  case raiseException = "raise_exception"
  case strftimeNow = "strftime_now"
}

/// The methods of text, dictionaries and loops that templates may call, with their parameters in order.
enum TemplateMethod: String, CaseIterable, Sendable {
  case split, rsplit, splitlines, strip, lstrip, rstrip, startswith, endswith, replace, upper, lower,
    capitalize
  case join, find, count, removeprefix, removesuffix
  case items, keys, values, get
  case cycle, changed

  /// Nil for a method with any number of arguments.
  var parameters: [String]? {
    switch self {
    case .split, .rsplit: ["sep", "maxsplit"]
    case .strip, .lstrip, .rstrip: ["chars"]
    case .startswith, .endswith: ["prefix"]
    case .replace: ["old", "new", "count"]
    case .join: ["iterable"]
    case .find, .count: ["sub"]
    case .removeprefix, .removesuffix: ["affix"]
    case .get: ["key", "default"]
    case .splitlines, .upper, .lower, .capitalize, .items, .keys, .values: []
    case .cycle, .changed: nil
    }
  }

  /// How many of the parameters must be given.
  var required: Int {
    switch self {
    case .startswith, .endswith, .join, .find, .count, .removeprefix, .removesuffix, .get: 1
    case .replace: 2
    default: 0
    }
  }
}

/// The filters, with their parameters in Jinja's order.
enum TemplateFilter: String, CaseIterable, Sendable {
  case abs, capitalize, count, d, dictsort, first, float, indent, int, items, join, last, length, list, lower
  case map, max, min, reject, rejectattr, replace, reverse, safe, select, selectattr, sort, string, sum, title
  case tojson, trim, unique, upper
  case `default`

  /// Nil for a filter whose arguments depend on the first: a filter's or a test's.
  var parameters: [String]? {
    switch self {
    case .default, .d: ["default_value", "boolean"]
    case .dictsort: ["case_sensitive", "by", "reverse"]
    case .float: ["default"]
    case .indent: ["width", "first", "blank"]
    case .int: ["default"]
    case .join: ["d", "attribute"]
    case .max, .min, .unique: ["case_sensitive", "attribute"]
    case .replace: ["old", "new", "count"]
    case .sort: ["reverse", "case_sensitive", "attribute"]
    case .sum: ["attribute", "start"]
    case .tojson: ["ensure_ascii", "indent", "separators", "sort_keys"]
    case .trim: ["chars"]
    case .map, .select, .reject, .selectattr, .rejectattr: nil
    case .abs, .capitalize, .count, .first, .items, .last, .length, .list, .lower, .reverse, .safe, .string,
      .title, .upper:
      []
    }
  }

  /// How many of the parameters must be given.
  var required: Int { self == .replace ? 2 : 0 }
}

/// The tests, after `is`.
enum TemplateTest: String, CaseIterable, Sendable {
  case boolean, defined, divisibleby, eq, equalto, even, `false`, float, ge, gt, `in`, integer, iterable, le
  case lower, lt, mapping, ne, none, number, odd, sameas, sequence, string, `true`, undefined, upper

  /// How many arguments it takes besides its subject.
  var arity: Int {
    switch self {
    case .divisibleby, .eq, .equalto, .ge, .gt, .in, .le, .lt, .ne, .sameas: 1
    default: 0
    }
  }

  /// A test by its name, the operator forms that `select` takes included.
  init?(name: String) {
    switch name {
    case "==": self = .eq
    case "!=": self = .ne
    case ">", "greaterthan": self = .gt
    case ">=": self = .ge
    case "<", "lessthan": self = .lt
    case "<=": self = .le
    default: self.init(rawValue: name)
    }
  }
}
