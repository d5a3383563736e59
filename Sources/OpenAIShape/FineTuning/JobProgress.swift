import Cluster
import Foundation
import Gateway
import Hummingbird
import NIOCore
import Records
import Store

/// `GET /fine_tuning/jobs/{id}/progress`: what the job's worker reports, as it reports it, a JSON object a line.
///
/// Not OpenAI's: `operant job watch` shows a job with it as `operant train` shows a run. `after` is how many bytes a
/// reader has seen already. The answer ends when the job no longer runs.
struct JobProgress: Sendable {
  let store: Store
  let job: Job
  let after: Int

  func response() -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/x-ndjson", .cacheControl: "no-store"],
      body: .init { writer in
        try await send(to: &writer)
        try await writer.finish(nil)
      })
  }

  private func send(to writer: inout any ResponseBodyWriter) async throws {
    var offset = UInt64(after)
    // A resting place for readers of a job that waits for long: they ask again.
    let end = ContinuousClock.now + .seconds(600)
    while true {
      // Asked before reading, so that what a job wrote last is read after it has ended.
      let now = try await store.job(job.id)
      if let folder = now?.runFolder {
        let start = offset
        let lines = try await blocking {
          Self.lines(in: WorkerAssignment.eventsPath(in: folder), from: start)
        }
        if !lines.isEmpty {
          try await writer.write(ByteBuffer(bytes: lines))
          offset += UInt64(lines.count)
          continue
        }
      }
      guard let now, now.status == .running || now.status == .queued || now.status == .validatingFiles,
        ContinuousClock.now < end
      else { return }
      try await Task.sleep(for: .milliseconds(250))
    }
  }

  /// Whole lines from a place on, at most about a mebibyte of them.
  private static func lines(in path: String, from offset: UInt64) -> Data {
    guard let file = FileHandle(forReadingAtPath: path) else { return Data() }
    defer { try? file.close() }
    guard (try? file.seek(toOffset: offset)) != nil, let piece = try? file.read(upToCount: 1 << 20),
      let end = piece.lastIndex(of: 0x0A)
    else { return Data() }
    return piece[...end]
  }
}

extension JobRoutes {
  @Sendable func progress(_ request: Request, _ context: APIContext) async throws -> Response {
    let job = try await found(context, for: .read).job
    let text = try RequestQuery(request)["after"] ?? "0"
    guard let after = Int(text), after >= 0 else {
      throw APIFailure(
        .invalid, "after is '\(text.prefix(40))'; expected how many bytes were seen already", param: "after")
    }
    return JobProgress(store: shelf.store, job: job, after: after).response()
  }
}
