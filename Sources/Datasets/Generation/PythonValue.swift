/// A value of Python, written as its source. Texts hold nothing that would have to be escaped.
enum PythonValue: Sendable, Hashable {
  case int(Int)
  case bool(Bool)
  case text(String)
  case list([PythonValue])

  static func ints(_ values: [Int]) -> PythonValue { .list(values.map(PythonValue.int)) }
  static func texts(_ values: [String]) -> PythonValue { .list(values.map(PythonValue.text)) }

  var source: String {
    switch self {
    case .int(let value): String(value)
    case .bool(let value): value ? "True" : "False"
    case .text(let text): "'\(text)'"
    case .list(let values): "[\(values.map(\.source).joined(separator: ", "))]"
    }
  }
}
