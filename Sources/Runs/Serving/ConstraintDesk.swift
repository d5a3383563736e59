internal import Constraints
internal import Dispatch
internal import LanguageModels
internal import Records
internal import Tokenization

/// Compiles constraints, one after the other, on a queue of its own: a large schema takes a while, and nobody else waits.
final class ConstraintDesk: Sendable {
  private let queue = DispatchQueue(label: "operant.constraints")
  private let tokenizer: Tokenizer
  private let ids: Int
  /// Made for the first constraint; used on the queue alone.
  private nonisolated(unsafe) var compiler: ConstraintCompiler?

  /// For a model with as many ids, which may be more than its tokenizer knows.
  init(_ tokenizer: Tokenizer, ids: Int) {
    self.tokenizer = tokenizer
    self.ids = ids
  }

  /// Calls `body` with the form, or with what is wrong with the constraint.
  func compile(
    _ constraint: ResponseConstraint,
    _ body: @escaping @Sendable (Result<any AnswerForm, WorkerFailure>) -> Void
  ) {
    queue.async { [self] in
      do throws(ConstraintError) {
        let compiled = try ready().compile(constraint)
        body(.success(ConstrainedForm(constraint: compiled, endIDs: endIDs)))
      } catch {
        body(
          .failure(
            WorkerFailure(
              .usage, "the answer cannot be held to the constraint: \(error)", field: "constraint")))
      }
    }
  }

  private func ready() -> ConstraintCompiler {
    if let compiler { return compiler }
    let made = ConstraintCompiler(vocabulary: vocabulary)
    compiler = made
    return made
  }

  private var endIDs: Set<Int32> { tokenizer.stopIDs.filter { $0 >= 0 && Int($0) < ids } }

  private var vocabulary: TokenVocabulary {
    let ends = endIDs
    return TokenVocabulary(
      bytes: (0..<Int32(ids)).map { id in
        if tokenizer.isSpecial(id) || ends.contains(id) { return nil }
        let bytes = tokenizer.bytes(of: id)
        return bytes.isEmpty ? nil : bytes
      }, endIDs: ends)
  }
}
