internal import NIOCore
internal import NIOHTTPTypes
internal import Synchronization

/// Knows when the client at the other end of a connection has gone. One per connection, behind the decoder.
final class ClientPresence: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  private struct State {
    var isGone = false
    var next = 0
    var waiting: [Int: AsyncStream<Never>.Continuation] = [:]
  }

  private let state = Mutex(State())

  // MARK: The connection

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if let event = event as? ChannelEvent, event == .inputClosed { end() }
    context.fireUserInboundEventTriggered(event)
  }

  private func end() {
    let waiting = state.withLock { state in
      state.isGone = true
      defer { state.waiting = [:] }
      return state.waiting.values
    }
    for one in waiting { one.finish() }
  }

  // MARK: Those who wait

  /// Returns when the client has gone, or when the task is cancelled.
  func gone() async {
    let (stream, end) = AsyncStream.makeStream(of: Never.self)
    let number: Int? = state.withLock { state in
      guard !state.isGone else { return nil }
      state.next += 1
      state.waiting[state.next] = end
      return state.next
    }
    guard let number else { return }
    for await _ in stream {}
    state.withLock { $0.waiting[number] = nil }
  }
}

/// Nobody is there to hear the answer.
struct ClientGone: Error {}

extension APIContext {
  /// Runs `work`, and cancels it when the client goes away: work that takes a model's time, which others wait for.
  /// SDKs give up after a time limit and ask again, so that a slow answer would be computed three times.
  ///
  /// A client that closes its sending side counts as gone. HTTP lets it listen on, but most servers do the same, since
  /// nothing else tells of a client that closed its connection.
  ///
  /// Throws what `work` throws.
  package func whileClientStays<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value)
    async throws -> Value
  {
    guard let presence = try? await channel.pipeline.handler(type: ClientPresence.self).get() else {
      // A connection that is closed has no handlers any more.
      guard channel.isActive else { throw ClientGone() }
      return try await work()
    }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        await presence.gone()
        return nil
      }
      defer { group.cancelAll() }
      if let value = try await group.next() ?? nil { return value }
      try Task.checkCancellation()
      throw ClientGone()
    }
  }
}
