internal import Synchronization

/// A bucket of requests for every key: as many as it may send in a minute fit in, and it fills evenly.
package final class RateLimiter: Sendable {
  /// What became of a request, as `x-ratelimit-...` headers tell it.
  package struct Verdict: Sendable, Hashable {
    package let limit: Int
    package let remaining: Int
    /// Seconds until the bucket is full again.
    package let secondsToFull: Double
    /// Seconds until another request would pass; nil when this one has.
    package let retryAfter: Double?
  }

  private struct Bucket {
    var tokens: Double
    var filledAt: ContinuousClock.Instant
    var limit: Int
  }

  private let buckets = Mutex<[String: Bucket]>([:])
  /// Buckets that are full are forgotten above this count.
  private let capacity = 10_000

  package init() {}

  /// Takes a request out of a key's bucket.
  package func take(_ key: String, perMinute limit: Int, at now: ContinuousClock.Instant = .now) -> Verdict {
    buckets.withLock { buckets in
      let rate = Double(limit) / 60
      var bucket = buckets[key] ?? Bucket(tokens: Double(limit), filledAt: now, limit: limit)
      if bucket.limit != limit { bucket = Bucket(tokens: Double(limit), filledAt: now, limit: limit) }
      let seconds = max(0, (now - bucket.filledAt) / .seconds(1))
      bucket.tokens = min(Double(limit), bucket.tokens + seconds * rate)
      bucket.filledAt = now
      let passes = bucket.tokens >= 1
      if passes { bucket.tokens -= 1 }
      if buckets.count >= capacity {
        buckets = buckets.filter {
          $0.value.tokens + (now - $0.value.filledAt) / .seconds(1) * rate < Double($0.value.limit)
        }
      }
      buckets[key] = bucket
      return Verdict(
        limit: limit, remaining: Int(bucket.tokens), secondsToFull: (Double(limit) - bucket.tokens) / rate,
        retryAfter: passes ? nil : (1 - bucket.tokens) / rate)
    }
  }
}
