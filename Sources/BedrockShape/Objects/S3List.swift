internal import Gateway

/// What is wanted of ListObjectsV2's answer, with keys percent-encoded as `encoding-type=url` gives them.
struct S3List: Sendable, Hashable {
  var keys: [String] = []
  /// nil where there are no more.
  var continuation: String?

  init(_ xml: String) {
    var rest = xml[...]
    while let contents = Self.element("Contents", in: rest) {
      if let key = Self.element("Key", in: contents.text) {
        keys.append(PercentEncoding.decoded(Self.plain(String(key.text)).replacing("+", with: "%20")) ?? "")
      }
      rest = contents.rest
    }
    if Self.text(of: "IsTruncated", in: xml) == "true" {
      continuation = Self.text(of: "NextContinuationToken", in: xml).map(Self.plain)
    }
  }

  /// The text of the first element of a name.
  static func text(of name: String, in xml: String) -> String? {
    element(name, in: xml[...]).map { String($0.text) }
  }

  private static func element(_ name: String, in xml: Substring) -> (text: Substring, rest: Substring)? {
    guard let open = xml.firstRange(of: "<\(name)>"),
      let close = xml[open.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    return (xml[open.upperBound..<close.lowerBound], xml[close.upperBound...])
  }

  /// Without XML's entities.
  private static func plain(_ text: String) -> String {
    text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&#39;", with: "'").replacing("&apos;", with: "'").replacing("&amp;", with: "&")
  }
}
