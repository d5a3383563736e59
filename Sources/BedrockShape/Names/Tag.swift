internal import Records
internal import Store

/// A key and a value that a client puts on something.
struct Tag: Sendable, Hashable {
  var key: String
  var value: String

  /// Reads a list of tags, each key once.
  static func list(_ reader: WireReader, _ key: String, required: Bool = false) -> [Tag] {
    var tags: [Tag] = []
    for (path, value) in reader.list(key, count: 0...200, required: required) ?? [] {
      guard let inside = WireReader.inside(value, at: path, reader.problems) else { continue }
      inside.rejectOthers(than: ["key", "value"])
      guard let key = inside.string("key", .tagKey, required: true),
        let value = inside.string("value", .tagValue, required: true)
      else { continue }
      if tags.contains(where: { $0.key == key }) {
        reader.problems.add(key, at: inside.place("key"), "each key may be given once")
      } else {
        tags.append(Tag(key: key, value: value))
      }
    }
    return tags
  }

  func row(_ arn: String, _ projectID: String) -> ResourceTag {
    ResourceTag(projectID: projectID, arn: arn, key: key, value: value)
  }
}
