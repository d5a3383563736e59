internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Why a request's body was given up; thrown out of the body's sequence.
enum RequestAbort: Error, Sendable, Hashable {
  case tooSlow
  case tooLarge(limit: Int)
}

/// Keeps clients to a pace: headers that never end, bodies that trickle, bodies that go on after they were answered, and
/// answers that nobody reads end with their connection. One per connection, behind the decoder.
///
/// Only time spent waiting for the client counts: while a handler takes its time to read, the clock stands still.
final class RequestPace: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private enum Phase {
    /// No request has come on this connection.
    case fresh
    case idle
    case body
    /// The body was given up, or answered before its end: what still comes is dropped until the connection ends.
    case lingering
    /// The request is whole and is being answered.
    case answering
  }

  private let limits: GatewayLimits
  private var phase = Phase.fresh
  private var received = 0
  /// Bytes that were thrown away after the answer.
  private var lingered = 0
  private var waited = TimeAmount.zero
  /// When we began to wait for the client's next bytes; nil while nobody asks for them.
  private var waitingSince: NIODeadline?
  /// Requests whose headers have come, and those that were answered to the end: pipelined ones make them differ.
  private var begun = 0
  private var answered = 0
  /// The request that asked for the connection to end with it.
  private var lastWanted: Int?
  private var timer: Scheduled<Void>?
  /// Whether the answer that is being written says that it is the connection's last.
  private var isLast = false
  /// What waits for the client to read on, while more of it waits than may.
  private var backlog: Backlog?
  private var backlogTimer: Scheduled<Void>?

  private struct Backlog {
    var bytes: Int
    /// When bytes last left.
    var movedAt: NIODeadline
  }

  /// Seconds that a client may go on with a body that was answered already.
  private static let lingerSeconds: Int64 = 5
  /// Bytes of it: a client that hears us only when it has sent all gets to hear us up to here.
  private static let lingerBytes = 64 << 20

  init(_ limits: GatewayLimits) { self.limits = limits }

  // MARK: Connection

  func handlerAdded(context: ChannelHandlerContext) {
    ConnectionWish.add(to: context.pipeline)
    if context.channel.isActive { begin(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    begin(context)
    context.fireChannelActive()
  }

  func channelInactive(context: ChannelHandlerContext) {
    stopTimers()
    context.fireChannelInactive()
  }

  func handlerRemoved(context: ChannelHandlerContext) { stopTimers() }

  private func stopTimers() {
    timer?.cancel()
    timer = nil
    backlogTimer?.cancel()
    backlogTimer = nil
  }

  private func begin(_ context: ChannelHandlerContext) {
    guard phase == .fresh, timer == nil else { return }
    schedule(.seconds(Int64(limits.headerSeconds)), context)
  }

  // MARK: In

  func read(context: ChannelHandlerContext) {
    if waitingSince == nil { waitingSince = .now() }
    context.read()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if let since = waitingSince {
      if phase == .body { waited = waited + (NIODeadline.now() - since) }
      waitingSince = nil
    }
    if phase == .lingering {
      if case .body(let bytes) = unwrapInboundIn(data) { lingered += bytes.readableBytes }
      if lingered > Self.lingerBytes { context.close(promise: nil) }
      return
    }
    switch unwrapInboundIn(data) {
    case .head(let head):
      phase = .body
      (received, waited) = (0, .zero)
      begun += 1
      if head.headerFields[.connection] == ConnectionWish.close { lastWanted = begun }
      if head.headerFields[.expect]?.lowercased() == "100-continue", answered + 1 == begun {
        let go = HTTPResponse(status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(go)), promise: nil)
      }
      schedule(.seconds(Int64(limits.bodySeconds)), context)
      context.fireChannelRead(data)
    case .body(let bytes):
      received += bytes.readableBytes
      context.fireChannelRead(data)
      if received > limits.bodyBytes { abort(.tooLarge(limit: limits.bodyBytes), context) }
    case .end:
      timer?.cancel()
      timer = nil
      context.fireChannelRead(data)
      phase = .answering
    }
  }

  private func abort(_ reason: RequestAbort, _ context: ChannelHandlerContext) {
    phase = .lingering
    context.fireErrorCaught(reason)
  }

  // MARK: Out

  /// Whether the answer that is being written is to a request whose body has not ended.
  private var isEarly: Bool { (phase == .body || phase == .lingering) && answered + 1 == begun }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    switch unwrapOutboundIn(data) {
    case .head(var head) where head.status.kind != .informational:
      // Whoever is answered before the end of the body had better begin anew.
      if isEarly || lastWanted == answered + 1 { head.headerFields[.connection] = ConnectionWish.close }
      isLast = head.headerFields[.connection] == ConnectionWish.close
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .end:
      context.write(data, promise: promise)
      answered += 1
      if isLast {
        phase = .lingering
        linger(context)
      } else if answered == begun {
        phase = .idle
      }
    case .head, .body: context.write(data, promise: promise)
    }
  }

  /// Lets the client read our answer before the connection goes: closing at once would take it away from one that is
  /// still sending.
  private func linger(_ context: ChannelHandlerContext) {
    timer?.cancel()
    timer = nil
    schedule(.seconds(Self.lingerSeconds), context)
    context.read()
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    if phase == .lingering { context.read() }
    context.fireChannelReadComplete()
  }

  // MARK: Answers that are not read

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      backlog = nil
    } else {
      backlog = Backlog(bytes: Self.waiting(context), movedAt: .now())
      if backlogTimer == nil { watchBacklog(context) }
    }
    context.fireChannelWritabilityChanged()
  }

  /// The timer outlasts a backlog: with a large answer they come and go many times a second.
  private func watchBacklog(_ context: ChannelHandlerContext) {
    let interval = TimeAmount.milliseconds(Int64(limits.answerSeconds) * 250)
    backlogTimer = context.eventLoop.assumeIsolated().scheduleTask(in: interval) { [weak self] in
      self?.checkBacklog(context)
    }
  }

  private func checkBacklog(_ context: ChannelHandlerContext) {
    backlogTimer = nil
    guard var backlog else { return }
    let bytes = Self.waiting(context)
    if bytes < backlog.bytes { backlog.movedAt = .now() }
    backlog.bytes = bytes
    self.backlog = backlog
    if NIODeadline.now() - backlog.movedAt >= .seconds(Int64(limits.answerSeconds)) {
      context.close(promise: nil)
    } else {
      watchBacklog(context)
    }
  }

  /// Bytes that were written and that the system has not taken.
  private static func waiting(_ context: ChannelHandlerContext) -> Int {
    (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
  }

  // MARK: Time

  private func schedule(_ delay: TimeAmount, _ context: ChannelHandlerContext) {
    timer?.cancel()
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [weak self] in
      self?.timer = nil
      self?.check(context)
    }
  }

  private func check(_ context: ChannelHandlerContext) {
    switch phase {
    case .fresh, .lingering: context.close(promise: nil)
    case .idle, .answering: break
    case .body:
      let still = waitingSince.map { NIODeadline.now() - $0 } ?? .zero
      let patience = TimeAmount.seconds(Int64(limits.bodySeconds))
      let allowed =
        patience + .milliseconds(Int64(received) * 1000 / Int64(max(1, limits.bodyBytesPerSecond)))
      let total = waited + still
      if still >= patience || total >= allowed {
        abort(.tooSlow, context)
        return
      }
      let left = min(patience - still, allowed - total)
      schedule(max(left, .milliseconds(100)), context)
    }
  }
}
