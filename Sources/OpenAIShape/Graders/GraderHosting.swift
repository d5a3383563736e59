package import Graders
package import Records
package import Store

/// What the graders of clients may do on this machine, and what they find there.
package struct GraderHosting: Sendable {
  /// What the graders of a project find: the environment names the judge and its key, see `JudgeEnvironment`.
  package var surroundings: @Sendable (Project) -> GraderSurroundings
  /// Graders that stand for a Lambda, by its name or ARN: definitions in our own terms.
  package var lambdas: [String: JSONValue]
  /// Whether definitions may name files, folders, programs and environment variables of this machine. Right where
  /// every client is its owner; otherwise a definition could read what is not the client's.
  package var admitsLocal: Bool
  /// Whether judges without an address of their own are this service's models.
  package var servesJudges: Bool
  /// Seconds that a trial may take.
  package var trialSeconds: Double

  package init(
    lambdas: [String: JSONValue] = [:], admitsLocal: Bool = false, servesJudges: Bool = false,
    trialSeconds: Double = 540, surroundings: @Sendable @escaping (Project) -> GraderSurroundings
  ) {
    self.lambdas = lambdas
    self.admitsLocal = admitsLocal
    self.servesJudges = servesJudges
    self.trialSeconds = trialSeconds
    self.surroundings = surroundings
  }
}
