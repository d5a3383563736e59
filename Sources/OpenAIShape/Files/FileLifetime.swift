import Gateway
import Records

/// `expires_after`: how long a file is kept, counted from its creation.
enum FileLifetime {
  /// An hour to thirty days.
  private static let range = 3600...2_592_000

  /// Of the fields of a form; nil for ever.
  static func seconds(anchor: String?, seconds: String?, problems: RequestProblems) -> Int? {
    if anchor == nil, seconds == nil { return nil }
    var object = JSONObject()
    if let anchor { object["anchor"] = .string(anchor) }
    if let seconds { object["seconds"] = Int(seconds).map(JSONValue.integer) ?? .string(seconds) }
    return self.seconds(object, problems: problems)
  }

  /// Of a JSON object.
  static func seconds(_ object: JSONObject, problems: RequestProblems) -> Int? {
    let reader = FieldReader(object, path: "expires_after", problems: problems)
    reader.rejectKeys(besides: ["anchor", "seconds"])
    if let anchor = reader.requiredString("anchor", "'created_at'"), anchor != "created_at" {
      reader.error("anchor", "is '\(anchor.prefix(40))'; expected 'created_at'")
    }
    guard reader.value("seconds") != nil else {
      reader.error(
        "seconds", "is missing; expected a whole number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return reader.integer("seconds", in: range)
  }
}
