import Foundation
import Records

/// OpenAI's `endpoint` (a preview on Azure): POSTs `{sample, item, trace_id}` and reads `{"score": number}`.
///
/// The samples of a group are sent side by side, as many at a time as `concurrency` allows.
struct EndpointGrader: Grader {
  let identity: GraderIdentity
  /// The endpoint, or why it cannot be called, which is said when a grade is asked for.
  private let target: Result<RemoteEndpoint, GradeFailure>
  private let passThreshold: Double?

  /// Azure's limits: a request of at most 1 MB, an answer within 10 minutes.
  static let requestLimit = 1_000_000
  private static let answerLimit = 1 << 20
  private static let limits = CallLimits(timeout: 600, deadline: 900, retries: 3, concurrency: 32)

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["url", "pass_threshold"] + RemoteHeaders.keys + CallLimits.keys,
      of: "an endpoint grader")
    if reader.object["url"] == nil { reader.error("url", "missing; expected the address of the grader") }
    let address = reader.address("url")
    passThreshold = reader.threshold()
    let headers = RemoteHeaders(reader)
    let limits = CallLimits(reader, default: Self.limits)
    guard let address else { return nil }
    self.identity = identity
    target = headers.endpoint(address.url, limits: limits, byteLimit: Self.answerLimit, failureKind: .other)
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    await withTaskGroup(of: (Int, Grade).self) { tasks in
      for (index, sample) in group.enumerated() {
        tasks.addTask {
          let start = ContinuousClock.now
          let grade = await grade(sample, index: index)
          return (index, grade.completed(by: identity, took: start.duration(to: .now)))
        }
      }
      var grades: [(Int, Grade)] = []
      for await grade in tasks { grades.append(grade) }
      return grades.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func grade(_ sample: GradingSample, index: Int) async -> Grade {
    let body = Array(sample.endpointRequest(index: index).serialised().utf8)
    guard body.count <= Self.requestLimit else {
      return Grade(
        .failed(
          GradeFailure(
            .other,
            "the request would have \(body.count) bytes; an endpoint takes at most \(Self.requestLimit): "
              + "leave large columns out of the row")))
    }
    switch target {
    case .failure(let failure): return Grade(.failed(failure))
    case .success(let remote):
      let who = "the endpoint at \(remote.shown)"
      do throws(HTTPFailure) {
        let json = try await remote.post(body) { reply throws(HTTPFailure) in try JSONValue(reply: reply.body)
        }
        return self.grade(json, from: who)
      } catch {
        return Grade(.failed(error.gradeFailure(.other, of: who)))
      }
    }
  }

  private func grade(_ json: JSONValue, from who: String) -> Grade {
    guard let score = json["score"]?.double, score.isFinite else {
      let found =
        json["score"].map { "a score that is \($0.kind)" }
        ?? (json.object == nil ? json.kind : "an object without a score")
      return Grade(
        .failed(
          GradeFailure(
            .other, "\(who) answered \(found); expected {\"score\": number}", cause: .wrongType)))
    }
    var grade = Grade(.reward(score))
    if let passThreshold { grade.metrics["passed"] = score >= passThreshold ? 1 : 0 }
    return grade
  }
}

extension RemoteHeaders {
  /// An endpoint with these headers, or the failure that says which variable is missing.
  func endpoint(
    _ url: URL, limits: CallLimits, byteLimit: Int, failureKind: GradeFailure.Kind
  ) -> Result<RemoteEndpoint, GradeFailure> {
    do throws(Unset) {
      return .success(
        RemoteEndpoint(url, secretHeaders: try secret(), limits: limits, byteLimit: byteLimit))
    } catch {
      return .failure(
        GradeFailure(
          failureKind,
          "the environment variable \(error.variable), which the definition names, is not set; set it",
          cause: .couldNotStart))
    }
  }
}
