import Records

/// Short texts with the facts that a JSON object is to hold: orders, appointments, contacts, deliveries and bookings.
/// The prompt names the keys. Texts are copied from the text as they stand there, and numbers are digits in it, so that
/// the task is to find them and to write JSON. The columns are `answer` (the object) and `kind`.
enum ExtractionText {
  static func draw(_ random: inout SplitMix64) -> (message: String, item: JSONObject) {
    let kind = random.pick(ExtractionKind.all)
    var values: [String: JSONValue] = [:]
    for (key, source) in kind.fields { values[key] = source.draw(&random) }
    func filled(_ template: String) -> String {
      values.reduce(template) { text, field in
        text.replacing("{\(field.key)}", with: field.value.string ?? field.value.serialised())
      }
    }
    var text = filled(random.pick(kind.templates))
    if random.chance(0.35) { text = random.pick(openings) + " " + text }
    if random.chance(0.35) { text += " " + random.pick(endings) }
    let keys = kind.fields.map(\.key).joined(separator: ", ")
    let message = random.pick(requests).replacing("{text}", with: text).replacing("{keys}", with: keys)
    let answer = JSONObject(kind.fields.map { ($0.key, values[$0.key] ?? .null) })
    return (message, JSONObject([("answer", .object(answer)), ("kind", .string(kind.name))]))
  }

  private static let openings = [
    "Hello.", "Good morning.", "A short note:", "For your records:", "Hi all,", "Quick update:",
    "Please note:",
    "As discussed:", "Good news:", "Just to confirm:",
  ]
  private static let endings = [
    "Thanks!", "Please confirm.", "Let me know if anything is missing.", "Nothing else for now.",
    "That is all.", "Many thanks in advance.", "No reply is needed.", "Have a good day.",
  ]
  private static let requests = [
    "{text}\n\nWrite this as JSON with the keys {keys}.",
    "Extract {keys} from this text as JSON:\n\n{text}",
    "Text: {text}\n\nGive a JSON object with {keys}.",
    "{text}\n\nReturn JSON with these keys: {keys}.",
    "Turn the text into JSON with the keys {keys}.\n\n{text}",
  ]
}
