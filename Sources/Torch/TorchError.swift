import CTorch

/// A libtorch operation that failed: which one, on what shapes, and why.
package struct TorchError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What kind of failure libtorch reported.
  package enum Kind: Sendable, Hashable {
    /// The allocator had no memory left: a smaller micro-batch may succeed.
    case memory
    case index, value, type, notImplemented, other
  }
  package let kind: Kind
  package let operation: String
  /// libtorch's text: one line, without its backtrace.
  package let message: String
  /// Shapes of the operands, in order; of an operation without operands, the shape that was wanted.
  package let shapes: [[Int]]

  package init(kind: Kind, operation: String, message: String, shapes: [[Int]]) {
    self.kind = kind
    self.operation = operation
    self.message = message
    self.shapes = shapes
  }

  package var description: String {
    let operands = shapes.map { "[" + $0.map(String.init).joined(separator: ", ") + "]" }
    return "\(operation)(\(operands.joined(separator: ", "))): \(message)"
  }
}

extension TorchError {
  /// Takes the text out of a filled `ct_error` and frees it.
  init(taking error: inout ct_error, operation: StaticString, operands: [Tensor?], wanted: [Int]? = nil) {
    kind =
      switch error.kind {
      case CT_ERROR_MEMORY: .memory
      case CT_ERROR_INDEX: .index
      case CT_ERROR_VALUE: .value
      case CT_ERROR_TYPE: .type
      case CT_ERROR_NOT_IMPLEMENTED: .notImplemented
      default: .other
      }
    message = error.message.map { String(cString: $0) } ?? "no message"
    ct_error_free(&error)
    self.operation = "\(operation)"
    shapes = operands.compactMap { $0?.shape } + (wanted.map { [$0] } ?? [])
  }
}
