import CTorch

/// What a layer made in a forward pass and its gradient needs: its result, and beside it x a^T of a linear with low-rank
/// parts, or the logarithms of attention's sums.
///
/// A layer that is given this computes nothing: the sampler has computed it, and in the same numbers.
package struct Made {
  package let result: Tensor
  package let aside: Tensor?

  package init(result: Tensor, aside: Tensor?) {
    self.result = result
    self.aside = aside
  }

  /// Calls a layer with what was made, or has it say what it makes.
  static func use(
    _ given: Made?, _ keep: ((Made) -> Void)?,
    _ layer: (UnsafeMutablePointer<ct_made>?) throws(TorchError) -> Tensor
  ) throws(TorchError) -> Tensor {
    if let given {
      var record = ct_made(result: given.result.handle, aside: given.aside?.handle)
      defer { withExtendedLifetime(given) {} }
      return try layer(&record)
    }
    guard let keep else { return try layer(nil) }
    var record = ct_made(result: nil, aside: nil)
    let output = try layer(&record)
    guard let result = record.result else { preconditionFailure("a layer did not say what it made") }
    keep(Made(result: Tensor(owning: result), aside: record.aside.map(Tensor.init(owning:))))
    return output
  }
}
