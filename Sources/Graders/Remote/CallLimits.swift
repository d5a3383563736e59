/// The fields that every grader that calls over HTTP has: how long, how often, how many at a time.
struct CallLimits: Sendable, Hashable {
  /// Seconds for one try.
  var timeout: Double
  /// Seconds for all tries of one call and the waits between them.
  var deadline: Double
  /// Tries after the first.
  var retries: Int
  /// Seconds that a server which is not there, or about to go, is waited for: they count as no try, and not towards the
  /// deadline.
  var patience = 0.0
  var traffic: EndpointTraffic.Limits

  static let keys = ["timeout", "deadline", "retries", "rate_limit", "concurrency"]

  /// Reads the fields; those that are absent keep the default. A deadline that is not given allows for every try.
  init(_ reader: DefinitionReader, default value: CallLimits) {
    timeout = reader.number("timeout", excludingLowest: true) ?? value.timeout
    retries = reader.count("retries") ?? value.retries
    if retries > 20 { reader.error("retries", "is \(retries); expected at most 20") }
    deadline = reader.number("deadline", excludingLowest: true) ?? max(value.deadline, timeout)
    if deadline < timeout {
      reader.error(
        "deadline",
        "is \(deadline.brief) s for all tries, below the timeout of one (\(timeout.brief) s); raise it or lower 'timeout'"
      )
    }
    for (key, seconds) in [("timeout", timeout), ("deadline", deadline)] where seconds > 86_400 {
      reader.error(key, "is \(seconds.brief) s; expected at most a day (86400)")
    }
    let concurrency = reader.count("concurrency") ?? value.traffic.concurrency
    if concurrency < 1 || concurrency > 1024 {
      reader.error("concurrency", "is \(concurrency); expected 1 to 1024 calls at a time")
    }
    let rate =
      reader.number("rate_limit", excludingLowest: true) ?? value.traffic.requestsPerSecond
    traffic = EndpointTraffic.Limits(requestsPerSecond: rate, concurrency: max(concurrency, 1))
  }

  init(timeout: Double, deadline: Double, retries: Int, concurrency: Int) {
    self.timeout = timeout
    self.deadline = deadline
    self.retries = retries
    traffic = EndpointTraffic.Limits(requestsPerSecond: nil, concurrency: concurrency)
  }
}
