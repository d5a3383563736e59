import Records

extension DefinitionReader {
  /// A number of at least `lowest`, or a schedule of such numbers; nil when it is absent or was reported.
  func scheduled(_ key: String, from lowest: Double = 0) -> Scheduled? {
    guard let object = object[key]?.object else { return number(key, from: lowest).map(Scheduled.init) }
    return inside(object, path: path(of: key)).schedule(from: lowest)
  }

  /// This object as a schedule: `{"by": "step", "points": [[0, 0], [50, 1]]}`.
  private func schedule(from lowest: Double) -> Scheduled? {
    rejectKeys(besides: ["by", "points", "shape", "window"], of: "a schedule")
    let axis: Scheduled.Axis? = choice("by", default: .step)
    let shape: Scheduled.Shape? = choice("shape", default: .linear)
    if object["window"] != nil, axis == .step {
      error("window", "has no effect with 'by: step'; it is how many steps a pass rate is taken over")
    }
    let window = count("window") ?? 5
    if window == 0 { error("window", "is 0; expected at least one step") }
    guard let axis, let shape, window > 0, let points = points(axis, from: lowest) else { return nil }
    return Scheduled(points, by: axis, shape: shape, window: window)
  }

  private func points(_ axis: Scheduled.Axis, from lowest: Double) -> [Scheduled.Point]? {
    let example = axis == .step ? "[[0, 0], [50, 1]]" : "[[0.3, 0], [0.7, 1]]"
    guard let list = object["points"]?.array, !list.isEmpty else {
      let found = object["points"].map { $0.array == nil ? $0.kind : "an empty list" } ?? "nothing"
      error("points", "expected a list of pairs such as \(example), found \(found)")
      return nil
    }
    var points: [Scheduled.Point] = []
    for (index, element) in list.enumerated() {
      let place = "points[\(index)]"
      guard let pair = element.array, pair.count == 2, let at = pair[0].double, let value = pair[1].double,
        at.isFinite, value.isFinite
      else {
        error(place, "expected a pair of numbers, \(axis.rawValue) and value, found \(element.serialised())")
        continue
      }
      if at < 0 || (axis == .passRate && at > 1) {
        let range = axis == .passRate ? "a share from 0 to 1" : "a step of at least 0"
        error(place, "is at \(pair[0].serialised()); expected \(range)")
      }
      if value < lowest {
        let bound = JSONValue(plain: lowest).serialised()
        error(place, "has the value \(pair[1].serialised()); expected at least \(bound)")
      }
      if let last = points.last, last.at >= at {
        error(
          place, "is at \(pair[0].serialised()), not after the point before it; put points in rising order")
      }
      points.append(Scheduled.Point(at: at, value: value))
    }
    return points.count == list.count ? points : nil
  }
}

extension JSONValue {
  /// A number as people write it: 1, not 1.0.
  init(plain number: Double) {
    self = Int(exactly: number).map(JSONValue.integer) ?? .number(number)
  }
}
