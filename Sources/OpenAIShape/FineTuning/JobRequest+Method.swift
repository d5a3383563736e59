import Jobs
import Records

extension JobRequest {
  /// How a model is tuned, in the words of the API.
  private enum Method: String, CaseIterable { case supervised, dpo, reinforcement }

  private static let onlyReinforcement =
    "this service tunes by reinforcement only; give method.type 'reinforcement' with a grader"

  mutating func readMethod(_ reader: FieldReader) {
    let legacy = reader.object("hyperparameters", "an object")
    guard reader.value("method") != nil else {
      let given =
        legacy == nil
        ? "is missing, which means 'supervised'"
        : "is missing beside 'hyperparameters', which means 'supervised'"
      reader.error("method", "\(given); \(Self.onlyReinforcement)")
      return
    }
    guard let object = reader.object("method", "an object with a type") else { return }
    let method = reader.inside("method", object)
    method.rejectKeys(besides: ["type"] + Method.allCases.map(\.rawValue))
    guard let word = method.requiredString("type", "'reinforcement'") else { return }
    guard let type = Method(rawValue: word) else {
      let hint =
        EditDistance.nearest(to: word, among: Method.allCases.map(\.rawValue)).map {
          "; did you mean '\($0)'?"
        }
        ?? ""
      method.error("type", "is '\(word.prefix(40))'; expected 'reinforcement'\(hint)")
      return
    }
    guard type == .reinforcement else {
      method.error("type", "is '\(word)'; \(Self.onlyReinforcement)")
      return
    }
    guard let settings = method.object("reinforcement", "an object with a grader") else {
      if method.value("reinforcement") == nil {
        method.error("reinforcement", "is missing; expected an object with a grader")
      }
      return
    }
    readReinforcement(method.inside("reinforcement", settings))
    if let legacy {
      // Written in both places, the newer one counts.
      choices.fill(from: reader.inside("hyperparameters", legacy), known: Hyperparameter.legacy)
    }
  }

  private mutating func readReinforcement(_ reader: FieldReader) {
    for key in ["tools", "max_episode_steps"] where reader.value(key) != nil {
      reader.error(
        key, "is for answers that call tools while they are trained, which this service does not do")
    }
    reader.rejectKeys(
      besides: ["grader", "hyperparameters", "response_format", "tools", "max_episode_steps"])
    if let grader = reader.value("grader") {
      self.grader = grader
    } else {
      reader.error("grader", "is missing; expected a grader, which says how good an answer is")
    }
    if let hyperparameters = reader.object("hyperparameters", "an object") {
      choices.fill(from: reader.inside("hyperparameters", hyperparameters), known: Hyperparameter.allCases)
    }
    if let format = reader.object("response_format", "an object with a type") {
      choices.responseFormat = ResponseFormat.nested(reader.inside("response_format", format))
    }
  }
}
