internal import Foundation

/// What stands above a part's bytes: its name in the form, and the file's name when it is one.
package struct MultipartPart: Sendable, Hashable {
  package let name: String
  /// The last component of what was sent, without control characters: never a path. nil for a plain field.
  package let filename: String?
  package let contentType: String?

  /// Of a block of header lines, without the empty line that ends it; throws `MultipartError`.
  init(headers: String) throws(MultipartError) {
    var disposition: FieldValue?
    var contentType: String?
    for line in headers.components(separatedBy: "\r\n") where !line.isEmpty {
      guard let colon = line.firstIndex(of: ":"), line.first != " ", line.first != "\t" else {
        throw .malformed("a header line of a part has no name")
      }
      let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
      switch line[..<colon].lowercased() {
      case "content-disposition":
        guard let parsed = FieldValue(value), parsed.value == "form-data" else {
          throw .malformed("a part's content-disposition is not `form-data; name=\"...\"`")
        }
        disposition = parsed
      case "content-type": contentType = value
      case "content-transfer-encoding":
        // Given up by RFC 7578; what says that the bytes are as they are does no harm.
        guard ["binary", "8bit", "7bit"].contains(value.lowercased()) else {
          throw .malformed("a part is encoded as \(value.prefix(40)); send its bytes as they are")
        }
      default: break
      }
    }
    guard let disposition else { throw .malformed("a part has no content-disposition") }
    guard let name = disposition.parameters["name"], !name.isEmpty else {
      throw .malformed("a part has no name")
    }
    self.name = Self.unescaped(name)
    filename =
      (Self.extended(disposition.parameters["filename*"])
      ?? disposition.parameters["filename"].map(Self.unescaped)).map(Self.lastComponent)
    self.contentType = contentType
  }

  /// Clients write a quote and line breaks of a name as `%22`, `%0D` and `%0A`, and nothing else so.
  private static func unescaped(_ text: String) -> String {
    text.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
  }

  /// `UTF-8''r%C3%A9.jsonl`, which RFC 7578 forbids and older clients send.
  private static func extended(_ text: String?) -> String? {
    guard let text, text.lowercased().hasPrefix("utf-8'"), let quote = text.lastIndex(of: "'") else {
      return nil
    }
    return String(text[text.index(after: quote)...]).removingPercentEncoding
  }

  private static func lastComponent(_ name: String) -> String {
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    let clean = String(
      String.UnicodeScalarView(last.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
    return clean == "." || clean == ".." ? "" : clean
  }
}

/// Why a body is no form.
enum MultipartError: Error, Sendable, Hashable {
  case malformed(String)
  case tooLarge(String)
}
