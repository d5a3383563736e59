internal import Foundation
package import Torch

/// Cosine and sine of the rotary embedding's angles for all positions up to a limit.
package struct RotaryTable {
  /// Of all positions, `[positions, headSize / 2]`.
  package let angles: Angles
  package let positions: Int

  package init(_ configuration: RotaryConfiguration, headSize: Int, positions: Int, device: Device = .cpu)
    throws(TorchError)
  {
    let frequencies = configuration.frequencies(headSize: headSize)
    var cosines: [Float] = []
    var sines: [Float] = []
    cosines.reserveCapacity(positions * frequencies.count)
    sines.reserveCapacity(positions * frequencies.count)
    for position in 0..<positions {
      for frequency in frequencies {
        cosines.append(cosf(Float(position) * frequency))
        sines.append(sinf(Float(position) * frequency))
      }
    }
    angles = Angles(
      cosine: try Tensor.floats(cosines, [positions, frequencies.count]).on(device),
      sine: try Tensor.floats(sines, [positions, frequencies.count]).on(device))
    self.positions = positions
  }

  /// Float32 `[N, headSize / 2]` each.
  package func angles(at positions: [Int]) throws(TorchError) -> Angles {
    let index = try Tensor.integers(positions, on: angles.cosine.device)
    return Angles(cosine: try angles.cosine.rows(at: index), sine: try angles.sine.rows(at: index))
  }
}
