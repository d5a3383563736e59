internal import Foundation
package import Logging
internal import Records
internal import Synchronization

/// Writes the log to standard error: a line for people, or an object a line for machines.
package struct ServiceLogHandler: LogHandler {
  package var logLevel: Logger.Level
  package var metadata: Logger.Metadata = [:]
  private let label: String
  private let format: ServiceSettings.LogFormat
  private let sink: @Sendable (String) -> Void

  /// - Parameter sink: takes whole lines.
  package init(
    label: String, format: ServiceSettings.LogFormat, level: Logger.Level,
    sink: @escaping @Sendable (String) -> Void = ServiceLogHandler.standardError
  ) {
    self.label = label
    self.format = format
    logLevel = level
    self.sink = sink
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var all = metadata
    if let own = event.metadata { all.merge(own) { $1 } }
    // Hummingbird numbers requests too; ours has a name that the client knows.
    all["hb.request.id"] = nil
    sink(
      format == .json
        ? Self.json(event, label: label, all) : Self.plain(event, label: label, all))
  }

  private static func json(_ event: LogEvent, label: String, _ metadata: Logger.Metadata) -> String {
    var line = JSONObject()
    line["time"] = .string(now())
    line["level"] = .string(event.level.rawValue)
    line["logger"] = .string(label)
    line["message"] = .string(event.message.description)
    for (name, value) in metadata.sorted(by: { $0.key < $1.key }) { line[name] = .string(value.description) }
    return JSONValue.object(line).serialised() + "\n"
  }

  private static func plain(_ event: LogEvent, label: String, _ metadata: Logger.Metadata) -> String {
    let details = metadata.sorted { $0.key < $1.key }.map { " \($0.key)=\(quoted($0.value.description))" }
    return "\(now()) \(event.level.rawValue) \(clean(event.message.description))\(details.joined())\n"
  }

  /// In quotes where it would not stay one word; what a client sent may begin no line of its own.
  private static func quoted(_ text: String) -> String {
    let text = clean(text)
    return text.isEmpty || text.contains { $0 == " " || $0 == "\"" || $0 == "=" }
      ? "\"\(text.replacing("\"", with: "'"))\"" : text
  }

  private static func clean(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) else { return text }
    return String(
      String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : $0 }))
  }

  private static func now() -> String {
    Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  private static let lock = Mutex(())

  package static let standardError: @Sendable (String) -> Void = { line in
    let bytes = Array(line.utf8)
    lock.withLock { _ in
      var done = 0
      while done < bytes.count {
        let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress! + done, bytes.count - done) }
        if count <= 0 { break }
        done += count
      }
    }
  }
}
