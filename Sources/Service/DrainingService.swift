internal import Gateway
internal import Logging
internal import ServiceLifecycle

/// The first to hear that the service is to stop: turns new work away, lets answers under way end, and cuts those that
/// take too long. Only then do the others stop.
struct DrainingService: ServiceLifecycle.Service {
  let state: ServingState
  let limit: Duration
  let logger: Logger

  func run() async throws {
    try? await gracefulShutdown()
    state.drain()
    let count = state.underWay
    logger.info("stopping", metadata: ["under_way": "\(count)", "limit_s": "\(limit / .seconds(1))"])
    let end = ContinuousClock.now + limit
    while state.underWay > 0, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
    let left = state.underWay
    if left > 0 {
      logger.warning("answers under way were cut off", metadata: ["count": "\(left)"])
      state.cut()
    }
  }
}
