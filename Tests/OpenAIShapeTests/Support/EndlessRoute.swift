import Gateway
import HTTPTypes
import Hummingbird

/// A route that answers nobody, and tells when somebody asked and when nobody is there any more.
struct EndlessRoute: Sendable {
  let began: AsyncStream<Void>
  let left: AsyncStream<Void>
  private let begins: AsyncStream<Void>.Continuation
  private let leaves: AsyncStream<Void>.Continuation

  init() {
    (began, begins) = AsyncStream.makeStream()
    (left, leaves) = AsyncStream.makeStream()
  }

  func add(to router: Router<APIContext>) {
    router.post("/test/endless") { request, context in
      // Until the body was read nobody looks whether the client is there.
      _ = try await request.body.collect(upTo: 1 << 20)
      defer { leaves.yield() }
      return try await context.whileClientStays {
        begins.yield()
        while true { try await Task.sleep(for: .seconds(3600)) }
        return HTTPResponse.Status.noContent
      }
    }
  }
}
