import Foundation
import Records
import Synchronization

/// What judges have answered, by everything that was sent to them. In memory, and in a file where one is named, so
/// that a run that is repeated pays once.
///
/// Only answers that could be read are kept. The file is JSON lines, appended to; a line that was cut off by a crash is
/// passed over. Several processes may share it: each sees what stood in it when it was opened.
final class JudgeCache: Sendable {
  private struct State {
    var answers: [String: String] = [:]
    var order: [String] = []
    var head = 0
    var isLoaded = false
  }
  /// Answers kept in memory; the oldest give way.
  private let capacity: Int
  /// Nil for memory only.
  let file: String?
  private let state = Mutex(State())

  init(file: String?, capacity: Int = 100_000) {
    self.file = file
    self.capacity = capacity
  }

  /// Reads `cache`: true (the default), false or `{"file": ...}`. Nil when there is to be none.
  static func read(_ reader: DefinitionReader) -> JudgeCache? {
    switch reader.object["cache"] {
    case .none, .null, .bool(true): return JudgeCache(file: nil)
    case .bool(false): return nil
    case .object(let object):
      let inside = reader.inside(object, path: reader.path(of: "cache"))
      inside.rejectKeys(besides: ["file"], of: "the cache")
      guard let file = inside.requiredString("file", "a file for the answers of judges") else { return nil }
      if file.isEmpty { inside.error("file", "is empty; expected a path") }
      return JudgeCache(file: reader.surroundings.path(file))
    case .some(let other):
      reader.error("cache", "expected true, false or {\"file\": ...}; found \(other.kind)")
      return nil
    }
  }

  /// The key of a request: two salted 64-bit hashes of the address and the body in its canonical spelling.
  static func key(address: String, body: JSONValue) -> String {
    let text = body.canonical.serialised()
    return ["judge", "cache"].map { salt in
      var hash = StableHash()
      hash.combine(salt)
      hash.combine(address)
      hash.combine(text)
      return hash.hex
    }.joined()
  }

  subscript(key: String) -> String? {
    state.withLock { state in
      load(&state)
      return state.answers[key]
    }
  }

  func keep(_ answer: String, for key: String) {
    state.withLock { state in
      load(&state)
      guard state.answers[key] == nil else { return }
      insert(answer, for: key, &state)
      guard let file else { return }
      let line = JSONValue.object(JSONObject([("key", .string(key)), ("answer", .string(answer))]))
      append(Array((line.serialised() + "\n").utf8), to: file)
    }
  }

  private func insert(_ answer: String, for key: String, _ state: inout State) {
    if state.answers.updateValue(answer, forKey: key) == nil { state.order.append(key) }
    while state.answers.count > capacity {
      state.answers[state.order[state.head]] = nil
      state.head += 1
    }
    if state.head > capacity {
      state.order.removeFirst(state.head)
      state.head = 0
    }
  }

  private func load(_ state: inout State) {
    guard !state.isLoaded else { return }
    state.isLoaded = true
    guard let file, let data = FileManager.default.contents(atPath: file) else { return }
    for line in data.split(separator: UInt8(ascii: "\n")) {
      guard let value = Self.value(line), let key = value["key"]?.string,
        let answer = value["answer"]?.string
      else { continue }
      insert(answer, for: key, &state)
    }
  }

  private static func value(_ line: Data) -> JSONValue? {
    do throws(JSONSyntaxError) {
      return try JSONValue(parsing: Array(line))
    } catch {
      return nil
    }
  }

  /// One write to the end, so that lines of several processes do not mix. A cache that cannot be written costs money
  /// and not truth, so a failure is passed over.
  private func append(_ line: [UInt8], to file: String) {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    _ = line.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
  }
}
