internal import Records
internal import Store

/// What a job's models are called.
struct JobNames: Sendable, Hashable {
  let model: String

  /// `ft:<base>:<project>:<suffix>:<short id>`, with an empty place where there is no suffix.
  init(_ order: JobOrder, project: String) {
    if let name = order.modelName {
      model = name
      return
    }
    let short = order.id.split(separator: "-").last.map { String($0.suffix(8)) } ?? order.id
    model = "ft:\(order.base):\(Self.word(project)):\(order.suffix.map(Self.word) ?? ""):\(short)"
  }

  func checkpoint(_ step: Int) -> String { "\(model):ckpt-step-\(step)" }

  /// Names stand in paths and between colons.
  private static func word(_ text: String) -> String {
    let kept = text.unicodeScalars.map { scalar -> Character in
      let isPlain =
        scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
        || "._-".unicodeScalars.contains(scalar)
      return isPlain ? Character(scalar) : "-"
    }
    return String(kept)
  }
}
