import Foundation

/// Runs jobs in sandboxes, as many at a time as there are cores. One a process is enough: ``shared(_:)``.
package final class SandboxPool: Sendable {
  package let isolation: GraderSurroundings.Isolation

  /// The process's pool of that isolation.
  package static func shared(_ isolation: GraderSurroundings.Isolation) -> SandboxPool {
    switch isolation {
    case .sandboxed: sandboxed
    case .unsafe: unsafe
    }
  }

  private static let sandboxed = SandboxPool(.sandboxed)
  private static let unsafe = SandboxPool(.unsafe)

  package init(
    _ isolation: GraderSurroundings.Isolation, workers: Int = ProcessInfo.processInfo.activeProcessorCount
  ) {
    self.isolation = isolation
  }

  /// Runs a job; never throws and never waits without a deadline. A job that could not start, or that something outside
  /// of the sandbox killed, is tried a second time.
  package func run(_ job: SandboxJob) async -> SandboxResult {
    SandboxResult(.couldNotStart("the sandbox is not there yet"))
  }
}

extension GraderSurroundings {
  /// Where code that nobody vouches for runs.
  package var sandbox: SandboxPool { .shared(isolation) }
}
