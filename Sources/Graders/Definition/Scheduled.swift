/// A number of a definition that may change over a run: by optimiser steps or by measured success.
struct Scheduled: Sendable, Hashable {
  /// What a schedule goes by.
  enum Axis: String, Sendable, CaseIterable {
    case step
    /// The mean share of right answers over the last `window` steps.
    case passRate = "pass_rate"
  }
  /// What lies between two points.
  enum Shape: String, Sendable, CaseIterable {
    case linear
    /// The value of the last point that was reached.
    case stepped
  }
  struct Point: Sendable, Hashable {
    var at: Double
    var value: Double
  }

  let axis: Axis
  let shape: Shape
  let window: Int
  /// At least one, in rising order.
  let points: [Point]

  init(_ constant: Double) {
    (axis, shape, window) = (.step, .stepped, 1)
    points = [Point(at: 0, value: constant)]
  }

  init(_ points: [Point], by axis: Axis, shape: Shape, window: Int) {
    precondition(!points.isEmpty, "a schedule needs a point")
    (self.points, self.axis, self.shape, self.window) = (points, axis, shape, window)
  }

  var isConstant: Bool { points.count == 1 }
  /// The value once the last point is behind.
  var final: Double { points[points.count - 1].value }

  /// The value at a moment: the first point's before it, the last one's after it.
  func value(at moment: GradingMoment) -> Double {
    if moment.isFinal { return final }
    return switch axis {
    case .step: value(at: Double(moment.step))
    case .passRate: moment.passRate(over: window).map(value(at:)) ?? points[0].value
    }
  }

  /// The value at a place of the axis.
  func value(at place: Double) -> Double {
    guard let next = points.firstIndex(where: { $0.at > place }) else { return final }
    guard next > 0 else { return points[0].value }
    let (a, b) = (points[next - 1], points[next])
    switch shape {
    case .stepped: return a.value
    case .linear: return a.value + (b.value - a.value) * (place - a.at) / (b.at - a.at)
    }
  }
}
