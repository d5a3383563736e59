import Datasets
import Records

/// A first look at a file of rows, for its owner's information only: the job that reads it decides.
enum RowsGlance {
  /// Larger files are not looked at; a job looks at all of them.
  private static let most = 8 << 20

  /// What a reinforcement job would find wrong; nil when all is well or the file was not looked at. Blocks.
  static func findings(path: String, bytes: Int) -> String? {
    guard bytes <= most else { return nil }
    do throws(InvalidInput) {
      _ = try DatasetReader.read(file: path)
      return nil
    } catch {
      let errors = error.diagnostics.filter { $0.severity == .error }
      let first = errors.prefix(3).map { problem in
        [problem.line > 0 ? "line \(problem.line)" : "", problem.path, problem.message]
          .filter { !$0.isEmpty }.joined(separator: ": ")
      }
      let more = errors.count > 3 ? "; \(errors.count - 3) more" : ""
      return "a reinforcement job would not take this file: " + first.joined(separator: "; ") + more
    }
  }
}
