/// How much a client may ask of the gateway, and how slowly.
package struct GatewayLimits: Sendable, Hashable {
  /// Connections at once; further ones wait in the system's queue until one ends.
  package var connections = 1024
  /// All header lines of a request, its path with them.
  package var headerBytes = 64 << 10
  package var headerCount = 128
  package var urlBytes = 16 << 10
  /// Any body, uploads included; a route may allow less.
  package var bodyBytes = 1 << 30
  /// Seconds from a connection to the end of its first request's headers.
  package var headerSeconds = 20
  /// Seconds between two requests of a connection.
  package var idleSeconds = 75
  /// Seconds that a body may stand still.
  package var bodySeconds = 15
  /// Bytes a second that a body must come to on average once `bodySeconds` were spent waiting for it.
  package var bodyBytesPerSecond = 1024
  /// Seconds that a client may take nothing of an answer that waits for it.
  package var answerSeconds = 60
  /// For keys that have no limit of their own; nil for none.
  package var requestsPerMinute: Int?

  package init() {}
}
