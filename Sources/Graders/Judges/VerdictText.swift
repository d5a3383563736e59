import Records

/// Finds the `result` in what a judge wrote.
enum VerdictText {
  /// Objects that are looked at in one text: a judge that writes more has no verdict.
  private static let most = 64

  /// The value of `result`, when the text is an object that has one, or holds such objects and they agree.
  ///
  /// A judge that quotes an object of the answer (`{"result": 1}`) beside its own verdict must not be misread: two
  /// different values are none.
  static func result(in text: String) -> JSONValue? {
    let spoken = afterThinking(Array(text.utf8)[...])
    if let whole = object(spoken)?["result"] { return whole }
    var found: JSONValue?
    var tries = 0
    var place = spoken.startIndex
    while let open = spoken[place...].firstIndex(of: UInt8(ascii: "{")) {
      tries += 1
      guard tries <= most else { return nil }
      guard let end = close(of: open, in: spoken), let object = object(spoken[open...end]) else {
        place = open + 1
        continue
      }
      place = end + 1
      guard let result = object["result"] else { continue }
      if let found, found.canonical != result.canonical { return nil }
      found = result
    }
    return found
  }

  /// A number that stands alone on the last line that is not blank: "7", "Score: 0.5".
  static func numberOnLastLine(of text: String) -> Double? {
    guard let line = text.split(whereSeparator: \.isNewline).last(where: { !$0.allSatisfy(\.isWhitespace) })
    else { return nil }
    return NumberPick.only.pick(from: String(line), marker: "")?.value
  }

  /// The text behind a thinking block that it begins with. A closing mark further on may be a quotation, with which an
  /// answer would cut off the verdict before it.
  private static func afterThinking(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let text = bytes.drop { $0 <= 0x20 }
    guard text.starts(with: "<think>".utf8) else { return bytes }
    let mark = Array("</think>".utf8)
    guard text.count >= mark.count else { return bytes }
    let starts = text.startIndex...(text.endIndex - mark.count)
    return starts.first { text[$0...].starts(with: mark) }.map { text[($0 + mark.count)...] } ?? bytes
  }

  private static func object(_ bytes: ArraySlice<UInt8>) -> JSONObject? {
    do throws(JSONSyntaxError) {
      return try JSONValue(parsing: Array(bytes)).object
    } catch {
      return nil
    }
  }

  /// The brace that closes the one at `open`; braces inside strings do not count.
  private static func close(of open: Int, in bytes: ArraySlice<UInt8>) -> Int? {
    var depth = 0
    var isString = false
    var place = open
    while place < bytes.endIndex {
      switch bytes[place] {
      case UInt8(ascii: "\\") where isString: place += 1
      case UInt8(ascii: "\""): isString.toggle()
      case UInt8(ascii: "{") where !isString: depth += 1
      case UInt8(ascii: "}") where !isString:
        depth -= 1
        if depth == 0 { return place }
      default: break
      }
      place += 1
    }
    return nil
  }
}
