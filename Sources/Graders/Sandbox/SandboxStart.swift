import Synchronization

/// Starts warm processes for the workers of a pool, in the way that works on this machine.
final class SandboxStart: Sendable {
  let isolation: GraderSurroundings.Isolation
  private let candidates: [SandboxDescent]
  private let known = Mutex<SandboxDescent?>(nil)

  init(_ isolation: GraderSurroundings.Isolation, _ candidates: [SandboxDescent]) {
    self.isolation = isolation
    self.candidates = candidates
  }

  /// A new warm process.
  func zygote(_ plan: ZygotePlan) throws(ChildProcess.StartFailure) -> Zygote {
    if plan.isolation == .unsafe { return try Zygote(plan, .none) }
    if let problem = SandboxMachine.problem { throw ChildProcess.StartFailure(reason: problem) }
    if let descent = known.withLock({ $0 }) { return try Zygote(plan, descent) }
    var reasons: [String] = []
    for candidate in candidates {
      do throws(ChildProcess.StartFailure) {
        let zygote = try Zygote(plan, candidate)
        known.withLock { $0 = candidate }
        return zygote
      } catch {
        if !reasons.contains(error.reason) { reasons.append(error.reason) }
      }
    }
    throw ChildProcess.StartFailure(reason: SandboxMachine.refusal(reasons))
  }
}
