/// A part of a template's source, as the lexer cuts it.
struct TemplateToken: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    /// Text outside of tags, white space control done.
    case data(String)
    case variableBegin
    case variableEnd
    case blockBegin
    case blockEnd
    case name(String)
    case string(String)
    case integer(Int)
    case float(Double)
    /// Punctuation: `==`, `|`, `(` and so on.
    case symbol(String)
    case end
  }

  var kind: Kind
  var line: Int

  /// The token in the words of an error message.
  var text: String {
    switch kind {
    case .data: "text"
    case .variableBegin: "'{{'"
    case .variableEnd: "'}}'"
    case .blockBegin: "'{%'"
    case .blockEnd: "'%}'"
    case .name(let name): "'\(name)'"
    case .string: "a string"
    case .integer, .float: "a number"
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end of the template"
    }
  }
}
