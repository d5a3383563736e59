internal import Torch

/// What decoding on a device keeps from one call of the sampler to the next: memory, and the graphs recorded over it.
final class DeviceDecoding {
  private var space: DeviceDecodingSpace?

  init() {}

  /// A space for as many rows and positions. The last one is used again unless it is too small or far too large.
  func space(_ decoder: Decoder, rows: Int, positions: Int, stops: Int) throws(TorchError)
    -> DeviceDecodingSpace
  {
    let capacity = Self.bucket(positions, from: 128)
    let wanted = Self.bucket(rows, from: 8)
    if let space, space.rows >= wanted, space.capacity >= capacity, space.stops >= stops,
      space.rows * space.capacity <= 4 * wanted * capacity
    {
      return space
    }
    // The old one's memory goes first.
    space = nil
    let made = try DeviceDecodingSpace(decoder, rows: wanted, capacity: capacity, stops: max(8, stops))
    space = made
    return made
  }

  /// Drops everything: the weights are others now.
  func forget() { space = nil }

  /// The smallest size at least this large, of which there are four to a doubling: few sizes, little waste.
  static func bucket(_ size: Int, from least: Int) -> Int {
    if size <= least { return least }
    var step = least
    while step * 8 < size { step *= 2 }
    return (size + step - 1) / step * step
  }
}
