package import Records

/// A line of a serving worker's output.
package enum ServeLine: Sendable, Hashable {
  case tokens([TokenLine.Entry])
  case event(ServeEvent)
}

/// A serving worker as the pool talks to it: a process, or a script in tests.
package protocol ServingConnection: Sendable {
  /// What it says, read once; ends when the worker has.
  var lines: AsyncStream<ServeLine> { get }
  /// Sends a command; never waits. To a worker that has ended it does nothing.
  func send(_ command: ServeCommand)
  /// Tells the worker to finish what it does and end.
  func close()
  /// Ends the worker at once.
  func kill()
  /// How it ended, once `lines` is over: nil when it did so as it should.
  func failure() async -> String?
}

/// Who starts serving workers.
package protocol ServingLauncher: Sendable {
  /// Begins to start a worker; one that cannot be started is a connection that ends with the reason.
  func launch(_ request: ServeRequest) -> any ServingConnection
}
