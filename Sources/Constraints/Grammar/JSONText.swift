import Records

/// JSON as the automata write it.
enum JSONText {
  /// A string with its quotes, in the shortest spelling.
  static func quoted(_ text: String) -> [UInt8] { Array(JSONValue.string(text).serialised().utf8) }
}
