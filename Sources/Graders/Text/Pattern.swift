import Foundation
import Records

/// A regular expression of ICU's dialect, compiled once, whose effort is bounded.
///
/// A backtracking matcher can take exponential time on an unlucky answer. ICU reports in while it searches (once per
/// 10,000 steps of a match, and while the start of the match moves on); after `effortLimit` reports beyond one for
/// each place where a match can start, the search ends with a failure. The limit counts steps, not seconds, so that
/// the same answer gets the same grade on every machine.
struct Pattern: Sendable {
  /// Whether the pattern must be found or must be the whole text.
  enum Extent: String, Sendable, CaseIterable {
    case search, full
  }
  struct Options: Sendable, Hashable {
    var ignoresCase = false
    /// `^` and `$` also stand at the ends of lines.
    var isMultiline = false
    var dotMatchesNewline = false
  }

  /// About half a second.
  private static let effortLimit = 4000

  let source: String
  private let expression: NSRegularExpression

  init(_ source: String, extent: Extent = .search, options: Options = Options()) throws(TemplateError) {
    self.source = source
    if source.isEmpty { throw TemplateError("the pattern is empty; it would match every answer") }
    if source.utf8Contains("{{") {
      throw TemplateError(
        "'{{' in a pattern: patterns take no variables; use a rule with 'required' for text of the row")
    }
    var foundation: NSRegularExpression.Options = []
    if options.ignoresCase { foundation.insert(.caseInsensitive) }
    if options.isMultiline { foundation.insert(.anchorsMatchLines) }
    if options.dotMatchesNewline { foundation.insert(.dotMatchesLineSeparators) }
    do {
      // Compiled alone first: inside the wrapping, "a)|(b" would pass.
      let bare = try NSRegularExpression(pattern: source, options: foundation)
      expression =
        extent == .search
        ? bare : try NSRegularExpression(pattern: "\\A(?:\(source))\\z", options: foundation)
    } catch {
      throw TemplateError("'\(source)' is not a regular expression\(Self.advice(source))")
    }
  }

  /// - Throws: `other` when the search takes more steps than are allowed.
  func matches(_ text: String) throws(GradeFailure) -> Bool {
    let length = text.utf16.count
    let limit = length + Self.effortLimit
    var reports = 0
    var isFound = false
    var isExhausted = false
    expression.enumerateMatches(
      in: text, options: [.reportProgress, .reportCompletion], range: NSRange(location: 0, length: length)
    ) { match, flags, stop in
      if match != nil {
        isFound = true
        stop.pointee = true
      } else if flags.contains(.internalError) {
        isExhausted = true
      } else if flags.contains(.progress) {
        reports += 1
        if reports > limit {
          isExhausted = true
          stop.pointee = true
        }
      }
    }
    if isExhausted {
      throw GradeFailure(
        .other,
        "the pattern '\(source)' takes too many steps on an answer of \(length) characters; "
          + "avoid a repeat inside a repeat, such as (a+)+")
    }
    return isFound
  }

  /// The most common slips, because the library says only that the value is invalid.
  private static func advice(_ source: String) -> String {
    var depth = 0
    var isInClass = false
    var isEscaped = false
    for scalar in source.unicodeScalars {
      switch scalar {
      case _ where isEscaped: isEscaped = false
      case "\\": isEscaped = true
      case "[": isInClass = true
      case "]": isInClass = false
      case "(" where !isInClass: depth += 1
      case ")" where !isInClass:
        depth -= 1
        if depth < 0 { return ": a ')' has no '('" }
      default: break
      }
    }
    if isEscaped { return ": it ends in a '\\' that escapes nothing" }
    if isInClass { return ": a '[' is not closed" }
    if depth > 0 { return ": a '(' is not closed" }
    if let first = source.first, "*+?".contains(first) { return ": '\(first)' repeats nothing" }
    return "; the dialect is ICU's (as in Java and NSRegularExpression)"
  }
}

extension String {
  /// Whether the other text's UTF-8 stands in this one's.
  func utf8Contains(_ other: String) -> Bool {
    var needle = other
    var text = self
    return needle.withUTF8 { needle in
      guard let first = needle.first else { return true }
      return text.withUTF8 { text in
        guard text.count >= needle.count else { return false }
        return (0...text.count - needle.count).contains { start in
          text[start] == first && text[start...].starts(with: needle)
        }
      }
    }
  }
}
