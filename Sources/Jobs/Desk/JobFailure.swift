/// Why a job was not made or not changed.
package struct JobFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    case missing
    /// The request is wrong: `param` names the field.
    case invalid(param: String?, code: String?)
    /// The job is in no state for it.
    case state
    /// The name is taken.
    case nameTaken
    /// The project has as many as it may have.
    case quota
    case unusable
  }
  package var kind: Kind
  package var message: String
  package var description: String { message }

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}
