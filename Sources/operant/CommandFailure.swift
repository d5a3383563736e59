import ArgumentParser
import Foundation
import Records

/// Why a command ends without having done its work: sentences for standard error, and the exit code.
struct CommandFailure: Error, CustomStringConvertible {
  let message: String
  let exitCode: Int32

  /// 2 for a request that is itself wrong, 1 for anything that went wrong in carrying it out.
  init(_ message: String, exitCode: Int32 = 1) {
    self.message = message
    self.exitCode = exitCode
  }

  static func usage(_ message: String) -> CommandFailure { CommandFailure(message, exitCode: 2) }

  init(_ failure: WorkerFailure) { self.init(failure.message, exitCode: failure.exitCode) }

  init(_ input: InvalidInput) {
    let errors = input.diagnostics.count { $0.severity == .error }
    let count = errors == 1 ? "" : "\n\(errors) errors"
    self.init(input.description + count, exitCode: 2)
  }

  /// Any other error of ours; nil for those of the argument parser, which words its own.
  init?(wrapping error: any Error) {
    switch error {
    case let failure as CommandFailure: self = failure
    case let failure as WorkerFailure: self.init(failure)
    case let input as InvalidInput: self.init(input)
    case is ValidationError, is CleanExit, is ExitCode: return nil
    default:
      // The parser's own errors are not public; they are told by the code it gives them.
      if Operant.exitCode(for: error) == .validationFailure { return nil }
      self.init("\(error)")
    }
  }

  var description: String { message }

  func report() {
    guard !message.isEmpty else { return }
    let lines = message.contains(": error: ") || message.hasPrefix("error: ") ? message : "error: " + message
    Terminal.writeError(lines + "\n")
  }
}
