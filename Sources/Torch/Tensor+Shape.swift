import CTorch

extension Tensor {
  /// The same elements in another shape.
  package func reshaped(_ shape: [Int]) throws(TorchError) -> Tensor {
    try Self.make("reshape", [self]) {
      ct_reshape(handle, shape.map(Int64.init), Int32(shape.count), $0, $1)
    }
  }

  /// A view of some rows: `[n, ...]` to `[range.count, ...]`.
  package func rows(_ range: Range<Int>) throws(TorchError) -> Tensor {
    try Self.make("rows", [self]) {
      ct_rows(handle, Int64(range.lowerBound), Int64(range.count), $0, $1)
    }
  }

  /// Chosen rows, copied: index int64 `[m]`, `[n, ...]` to `[m, ...]`.
  package func rows(at index: Tensor) throws(TorchError) -> Tensor {
    try Self.make("index_rows", [self, index]) { ct_index_rows(handle, index.handle, $0, $1) }
  }

  /// Row i is row `rows[i]` plus the base of source `sources[i]`, of that source `[.., width]`; copied.
  package static func gathered(
    _ origins: [(tensor: Tensor, base: Int)], sources: [Int32], rows: [Int64]
  ) throws(TorchError) -> Tensor {
    precondition(sources.count == rows.count, "every row needs a source")
    let handles = origins.map(\.tensor.handle)
    let bases = origins.map { Int64($0.base) }
    defer { withExtendedLifetime(origins) {} }
    return try make("gather_rows", origins.first.map { [$0.tensor] } ?? []) { out, error in
      handles.withUnsafeBufferPointer { handles in
        guard let first = handles.baseAddress else { preconditionFailure("there must be a source") }
        return ct_gather_rows(
          first, bases, Int64(handles.count), sources, rows, Int64(rows.count), out, error)
      }
    }
  }

  /// Tensors one below the other.
  package static func concatenated(_ parts: [Tensor]) throws(TorchError) -> Tensor {
    precondition(!parts.isEmpty, "there must be something to concatenate")
    if parts.count == 1 { return parts[0] }
    let handles = parts.map(\.handle)
    defer { withExtendedLifetime(parts) {} }
    return try make("cat_rows", [parts[0], parts[1]]) { out, error in
      handles.withUnsafeBufferPointer { ct_cat_rows($0.baseAddress!, Int32($0.count), out, error) }
    }
  }
}
