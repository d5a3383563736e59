import Foundation
import Records

/// Follows a job on a service until it ends.
///
/// Our own service streams what the worker reports, so the display is that of `operant train`. Any other one has its
/// events asked for again and again, a line each.
struct JobWatch {
  let client: ServiceClient
  let id: String
  let json: Bool

  /// Shows the job until it is final, or paused.
  ///
  /// - Returns: the job as it is at the end.
  func follow() async throws(CommandFailure) -> JSONObject {
    var offset = 0
    var display: (any EventDisplay)?
    defer { display?.close() }
    var seen: Set<String> = []
    var status = ""
    var client = client
    while true {
      let job = try await client.json(.get, "fine_tuning/jobs/\(id)")
      // It was there: from now on it is waited for while it is started anew.
      client.patience = .seconds(600)
      let now = job["status"]?.string ?? ""
      if now != status, display == nil, !json { say(job) }
      status = now
      let isOver = ["succeeded", "failed", "cancelled", "paused"].contains(status)
      do {
        for try await line in LineStream.lines(
          client.request(.get, "fine_tuning/jobs/\(id)/progress", query: ["after": String(offset)]))
        {
          offset += line.count + 1
          guard let event = try? WorkerLine.decode(WorkerEvent.self, from: line) else { continue }
          if display == nil { display = .chosen(json: json) }
          display?.show(event, line: String(decoding: line, as: UTF8.self))
        }
      } catch let refusal as ServiceClient.Refusal where refusal.status == 404 {
        try await showEvents(client, &seen)
      } catch let refusal as ServiceClient.Refusal where refusal.status < 500 {
        throw client.failure(refusal)
      } catch {
        // A service that is started anew goes on where the stream stopped.
      }
      if isOver { return job }
      try? await Task.sleep(for: .seconds(2))
    }
  }

  private func say(_ job: JSONObject) {
    Terminal.writeError(JobText.line(job) + "\n")
  }

  /// The events that were not shown yet, oldest first.
  private func showEvents(_ client: ServiceClient, _ seen: inout Set<String>) async throws(CommandFailure) {
    let events = try await client.list("fine_tuning/jobs/\(id)/events", limit: 1000)
    for event in events.reversed() {
      guard let id = event["id"]?.string, seen.insert(id).inserted else { continue }
      Terminal.write((json ? JSONValue.object(event).serialised() : JobText.event(event)) + "\n")
    }
  }
}
