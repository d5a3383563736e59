internal import Records

extension ServeOutput {
  /// An event as its line, without the end.
  static func line(_ event: ServeEvent) -> String {
    // One for every token, so it is worth being quick: JSONEncoder would take a twentieth of the step.
    if case .top(let id, let attempt, let likely) = event, likely.allSatisfy(\.logProbability.isFinite) {
      var line = #"{"top":{"_2":["#
      for (place, one) in likely.enumerated() {
        if place > 0 { line += "," }
        line += #"{"logProbability":\#(one.logProbability),"token":\#(one.token)}"#
      }
      line += #"],"attempt":\#(attempt),"id":\#(id)}}"#
      return line
    }
    guard let line = try? WorkerLine.encode(event) else {
      preconditionFailure("an event could not be written as JSON: \(event)")
    }
    return line
  }
}
