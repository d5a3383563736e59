package import Torch

/// The steps of a layer that make something which its gradient needs.
package enum LayerStep: Int, Sendable, Hashable, CaseIterable {
  case qkv, attention, output, gateUp, down
}

/// What one layer made of some tokens: all that its gradient needs beside its weights.
package struct LayerActivations {
  private var made: [Made?] = Array(repeating: nil, count: LayerStep.allCases.count)

  package init() {}

  package subscript(step: LayerStep) -> Made? {
    get { made[step.rawValue] }
    set { made[step.rawValue] = newValue }
  }
}
