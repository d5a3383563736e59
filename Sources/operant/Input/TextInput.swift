import Foundation

/// Text from an argument, a file or standard input.
enum TextInput {
  /// The argument when there is one, `-` or nothing for standard input, `--file` for a file.
  static func text(_ argument: String?, file: String?) throws(CommandFailure) -> String {
    if argument != nil, file != nil {
      throw .usage("a text and --file were both given; give one of them")
    }
    if let file { return try contents(of: file) }
    if let argument, argument != "-" { return argument }
    if argument == nil, isatty(STDIN_FILENO) == 1 {
      throw .usage("no text was given; give it as an argument, with --file FILE, or on standard input")
    }
    return try decode(standardInput(), name: "standard input")
  }

  static func contents(of file: String) throws(CommandFailure) -> String {
    if file == "-" { return try decode(standardInput(), name: "standard input") }
    guard let bytes = FileManager.default.contents(atPath: file) else {
      throw .usage("\(file): the file cannot be read; check that it is there and may be read")
    }
    return try decode(bytes, name: file)
  }

  private static func standardInput() -> Data { FileHandle.standardInput.readDataToEndOfFile() }

  private static func decode(_ bytes: Data, name: String) throws(CommandFailure) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .usage("\(name) is not UTF-8 text; save it as UTF-8")
    }
    return text
  }
}
