import Records
import Synchronization

/// Responses that may be gone on from, in memory: the newest ones, of so many and so large at most.
final class ResponseMemory: Sendable {
  /// A response and the conversation up to its end, without instructions.
  struct Kept: Sendable, Hashable {
    var projectID: String
    var body: JSONValue
    var messages: [Message]
    /// The items that this response was asked with.
    var input: [JSONValue] = []
  }

  private struct State {
    var kept: [String: Kept] = [:]
    var sizes: [String: Int] = [:]
    /// Oldest first; what was deleted may still be in it.
    var order: [String] = []
    var bytes = 0
  }
  private let state = Mutex(State())
  private let most: Int
  private let mostBytes: Int

  init(most: Int = 4096, mostBytes: Int = 64 << 20) {
    self.most = most
    self.mostBytes = mostBytes
  }

  func keep(_ id: String, _ response: Kept) {
    let size =
      response.body.serialised().utf8.count + JSONValue.array(response.input).serialised().utf8.count
      + response.messages.reduce(0) { sum, message in
        message.toolCalls.reduce(sum + message.text.utf8.count + 64) { $0 + $1.arguments.utf8.count }
      }
    state.withLock { state in
      state.kept[id] = response
      state.sizes[id] = size
      state.order.append(id)
      state.bytes += size
      while state.order.count > most || state.bytes > mostBytes, !state.order.isEmpty {
        Self.remove(state.order.removeFirst(), &state)
      }
    }
  }

  func find(_ id: String, projectID: String) -> Kept? {
    state.withLock { $0.kept[id] }.flatMap { $0.projectID == projectID ? $0 : nil }
  }

  /// - Returns: whether there was one of this project.
  func delete(_ id: String, projectID: String) -> Bool {
    state.withLock { state in
      guard state.kept[id]?.projectID == projectID else { return false }
      Self.remove(id, &state)
      state.order.removeAll { $0 == id }
      return true
    }
  }

  private static func remove(_ id: String, _ state: inout State) {
    state.kept[id] = nil
    state.bytes -= state.sizes.removeValue(forKey: id) ?? 0
  }
}
