import CTorch

/// Rows of a decoding batch under linears that share weight, bias and panels and differ in their low-rank parts: the
/// first linear's rows, then the next one's.
///
/// The shared panels are read from memory once for all groups. A row becomes the same numbers in every grouping.
package enum LinearGroups {
  case one(Linear, rows: Int)
  case several([(linear: Linear, rows: Int)])

  /// For errors.
  var tensors: [Tensor?] {
    switch self {
    case .one(let linear, _): linear.tensors
    case .several(let groups): groups.flatMap(\.linear.tensors)
    }
  }

  /// Calls `body` with the shim's records; makes no object for one group.
  func with(_ body: (UnsafePointer<ct_linear_rows>, Int32) -> Bool) -> Bool {
    defer { withExtendedLifetime(self) {} }
    switch self {
    case .one(let linear, let rows):
      var record = ct_linear_rows(layer: linear.operands, rows: Int64(rows))
      return body(&record, 1)
    case .several(let groups):
      return withUnsafeTemporaryAllocation(of: ct_linear_rows.self, capacity: max(1, groups.count)) {
        records in
        for (index, group) in groups.enumerated() {
          records.initializeElement(
            at: index, to: ct_linear_rows(layer: group.linear.operands, rows: Int64(group.rows)))
        }
        guard let base = records.baseAddress else { preconditionFailure("there is room for a group") }
        return body(base, Int32(groups.count))
      }
    }
  }
}
