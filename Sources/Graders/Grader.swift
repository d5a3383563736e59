public import Records

/// Who a grader is, in messages, curves and grades.
public struct GraderIdentity: Sendable, Hashable {
  /// What the definition calls it; its type when it has no name.
  public var name: String
  /// The word of the definition's `type`; authors of Swift graders choose their own.
  public var type: String
  /// Changes whenever the definition does, so that grades of two definitions are never averaged unawares.
  public var version: String

  /// An identity; all three are free text, and none should be empty.
  public init(name: String, type: String, version: String) {
    self.name = name
    self.type = type
    self.version = version
  }
}

/// Says how good answers are.
///
/// The samples handed over together are attempts at one Example, so that a judge may rank them against each
/// other. A grader that needs only one sample at a time conforms to ``SampleGrader`` instead.
///
/// The result has one grade for every sample, in the same order. What goes wrong inside the grader is a
/// `Grade.Outcome.failed` for the samples concerned, never a reward of zero: the episode then leaves its group
/// and the run counts the failure. Waiting (a process, a model, a network) must have a deadline of its own.
public protocol Grader: Sendable {
  /// The name, type and version that its grades carry.
  var identity: GraderIdentity { get }

  /// Grades the attempts at one Example: one grade a sample, in order.
  func grade(_ group: [GradingSample]) async -> [Grade]
}

/// A grader that looks at one sample at a time: the usual case.
///
/// ```swift
/// struct ShortestIsBest: SampleGrader {
///   let identity = GraderIdentity(name: "shortest", type: "shortest", version: "1")
///   func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
///     Grade(.reward(1 / Double(1 + sample.outputText.utf8.count)))
///   }
/// }
/// ```
public protocol SampleGrader: Grader {
  /// The grade of one sample. Latency and version are filled in by the caller.
  ///
  /// - Throws: why there can be no reward. An answer that is merely wrong is a reward.
  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade
}

extension SampleGrader {
  /// Grades the samples one after another, each with its own latency; a failure stays with its sample.
  public func grade(_ group: [GradingSample]) async -> [Grade] {
    var grades: [Grade] = []
    grades.reserveCapacity(group.count)
    for sample in group {
      let start = ContinuousClock.now
      var grade: Grade
      do throws(GradeFailure) {
        grade = try await self.grade(sample)
      } catch {
        grade = Grade(.failed(error))
      }
      grades.append(grade.completed(by: identity, took: start.duration(to: .now)))
    }
    return grades
  }
}

extension Grade {
  /// The grade with what the grader left open: latency, version, the name in a failure. A reward that is no
  /// finite number becomes a failure, whoever made it.
  func completed(by grader: GraderIdentity, took duration: Duration) -> Grade {
    var grade = self
    switch grade.outcome {
    case .reward(let reward) where !reward.isFinite:
      let failure = GradeFailure(
        .other, "the reward is \(reward); expected a finite number", grader: grader.name)
      grade.outcome = .failed(failure)
    case .failed(var failure) where failure.grader.isEmpty:
      failure.grader = grader.name
      grade.outcome = .failed(failure)
    case .reward, .failed: break
    }
    if grade.latencySeconds == 0 { grade.latencySeconds = duration.seconds }
    if grade.graderVersion.isEmpty { grade.graderVersion = grader.version }
    return grade
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
