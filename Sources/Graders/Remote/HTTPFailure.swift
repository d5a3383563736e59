import Records

/// Why a call over HTTP brought no answer. Texts name no key and no header: what may be secret is taken out before.
enum HTTPFailure: Error, Sendable, Hashable {
  /// Nobody listens there.
  case refused
  /// No connection, or it ended before the answer did.
  case unreachable(String)
  /// A status other than success, with the end of the body.
  case status(Int, bodyTail: String)
  /// No whole answer within these seconds.
  case timeOut(seconds: Double)
  /// The server asked for a longer wait than the deadline leaves.
  case toldToWait(seconds: Double, left: Double, status: Int)
  /// More bytes than are read.
  case tooLarge(limit: Int)
  /// Success, but not the form agreed on; the text says what was found.
  case malformed(String)
  /// Whoever asked no longer wants to know.
  case cancelled

  /// What happened, in the words of a grade.
  var cause: GradeFailure.Cause {
    switch self {
    case .refused, .unreachable: .unreachable
    case .status, .toldToWait: .httpStatus
    case .timeOut: .timeOut
    case .tooLarge: .outputLimit
    case .malformed: .malformed
    case .cancelled: .killed
    }
  }

  /// Whether the same call may well succeed a moment later.
  var isPassing: Bool {
    switch self {
    case .refused, .unreachable, .timeOut, .malformed: true
    case .status(let code, _): code == 408 || code == 429 || (500...599).contains(code)
    case .toldToWait, .tooLarge, .cancelled: false
    }
  }

  /// A clause that follows the address: "answered HTTP 500: ...".
  var clause: String {
    switch self {
    case .refused: "cannot be reached: the connection was refused"
    case .unreachable(let reason): "cannot be reached: \(reason)"
    case .status(let code, ""): "answered HTTP \(code) without a body"
    case .status(let code, let tail): "answered HTTP \(code): \(tail)"
    case .timeOut(let seconds): "gave no whole answer within \(seconds.brief) s"
    case .toldToWait(let seconds, let left, let status):
      "answered HTTP \(status) and asked to wait \(seconds.brief) s; the deadline leaves \(left.brief) s"
    case .tooLarge(let limit): "sent more than \(limit) bytes; nothing beyond is read"
    case .malformed(let found): "sent an answer that cannot be read: \(found)"
    case .cancelled: "was not waited for: the grading was cancelled"
    }
  }

  /// The failure of a grade; `who` begins its sentence: "the judge at https://judge.example".
  func gradeFailure(_ kind: GradeFailure.Kind, of who: String) -> GradeFailure {
    GradeFailure(kind, "\(who) \(clause)", cause: cause)
  }
}

extension Double {
  /// At most two decimals, none where there are none.
  var brief: String {
    let rounded = (self * 100).rounded() / 100
    return rounded == rounded.rounded() && rounded.magnitude < 1e15 ? String(Int(rounded)) : "\(rounded)"
  }
}
