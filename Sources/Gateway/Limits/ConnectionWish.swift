internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypesHTTP1

/// Puts a client's wish that its connection end with the answer into one form, a `connection: close`: it may be one word
/// of several, in any case, and is HTTP/1.0's default. The version is known only here, before the codec. Whoever speaks
/// HTTP/1.0 and would rather go on is not heard: the answer is one of HTTP/1.1, which does not say so in its words.
final class ConnectionWish: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart

  static let close = "close"

  /// Does nothing where HTTP/1 is not what comes in.
  static func add(to pipeline: ChannelPipeline) {
    let operations = pipeline.syncOperations
    guard let codec = try? operations.handler(type: HTTP1ToHTTPServerCodec.self) else { return }
    try? operations.addHandler(ConnectionWish(), position: .before(codec))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data), !head.isKeepAlive || head.version == .http1_0 else {
      return context.fireChannelRead(data)
    }
    head.headers.replaceOrAdd(name: "connection", value: Self.close)
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }
}
