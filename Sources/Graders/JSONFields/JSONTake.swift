import Records

/// Which part of an answer is read as JSON.
enum JSONTake: String, Sendable, CaseIterable {
  /// All of it: anything around the document makes the answer unreadable.
  case whole
  /// The first or last fenced block without a language or with `json`. A block that is not closed ends with the text.
  case firstBlock = "first_block"
  case lastBlock = "last_block"
  /// The first stretch of the text from `{` to its `}` that is a JSON object.
  case firstObject = "first_object"

  /// - Throws: what was found instead, for a person to read.
  func read(_ text: String) throws(JSONTakeError) -> JSONValue {
    switch self {
    case .whole: return try Self.parsed(Array(text.utf8))
    case .firstBlock, .lastBlock:
      let blocks = FencedBlock.blocks(in: Array(text.utf8)).filter { ["", "json"].contains($0.language) }
      guard let block = self == .firstBlock ? blocks.first : blocks.last else {
        throw JSONTakeError("the answer has no fenced block of JSON (```json)")
      }
      return try Self.parsed(block.content)
    case .firstObject:
      guard let object = Self.firstObject(in: Array(text.utf8)) else {
        throw JSONTakeError("the answer has no JSON object in it")
      }
      return object
    }
  }

  private static func parsed(_ bytes: [UInt8]) throws(JSONTakeError) -> JSONValue {
    do throws(JSONSyntaxError) {
      return try JSONValue(parsing: bytes)
    } catch {
      throw JSONTakeError("the answer is not JSON: \(error)")
    }
  }

  /// Braces are matched outside of strings. What is balanced and no JSON is passed over whole, so that each byte is
  /// seen once; a brace that is never closed costs a look at the rest of the text, which is done for the first few.
  private static func firstObject(in text: [UInt8]) -> JSONValue? {
    var start = 0
    var unclosed = 0
    while unclosed < 16, let open = text[start...].firstIndex(of: UInt8(ascii: "{")) {
      guard let end = closing(text, from: open) else {
        unclosed += 1
        start = open + 1
        continue
      }
      if let value = try? JSONValue(parsing: Array(text[open..<end])) { return value }
      start = end
    }
    return nil
  }

  /// The place behind the brace that closes the one here.
  private static func closing(_ text: [UInt8], from open: Int) -> Int? {
    var depth = 0
    var isInString = false
    var index = open
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\\") where isInString: index += 1
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "{") where !isInString: depth += 1
      case UInt8(ascii: "}") where !isInString:
        depth -= 1
        if depth == 0 { return index + 1 }
      default: break
      }
      index += 1
    }
    return nil
  }
}

/// Why an answer cannot be read as JSON.
struct JSONTakeError: Error, Sendable, Hashable {
  let message: String
  init(_ message: String) { self.message = message }
}
