import CTorch

/// The number format of a tensor's elements.
package enum DType: Sendable, Hashable {
  case float32, bfloat16, int64

  var code: ct_dtype {
    switch self {
    case .float32: CT_FLOAT32
    case .bfloat16: CT_BFLOAT16
    case .int64: CT_INT64
    }
  }

  /// Bytes of one element.
  package var size: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    case .int64: 8
    }
  }
}

/// An array of numbers that libtorch owns.
///
/// Not Sendable: a tensor belongs to the thread that works on it, or travels by `sending`. Operations are
/// throwing methods; shapes in their documentation read outermost first.
package final class Tensor {
  let handle: OpaquePointer

  init(owning handle: OpaquePointer) { self.handle = handle }
  deinit { ct_free(handle) }

  /// Sizes, outermost first.
  package var shape: [Int] {
    withExtendedLifetime(self) { (0..<ct_rank(handle)).map { Int(ct_size(handle, $0)) } }
  }
  /// How many elements there are.
  package var count: Int { withExtendedLifetime(self) { Int(ct_element_count(handle)) } }
  package var dtype: DType {
    withExtendedLifetime(self) {
      switch ct_dtype_of(handle) {
      case Int32(bitPattern: UInt32(CT_FLOAT32.rawValue)): .float32
      case Int32(bitPattern: UInt32(CT_BFLOAT16.rawValue)): .bfloat16
      case Int32(bitPattern: UInt32(CT_INT64.rawValue)): .int64
      default: preconditionFailure("a tensor has an element type that Operant does not use")
      }
    }
  }

  /// Handles alive in this process.
  package static var liveCount: Int { Int(ct_live_count()) }

  /// The one way into the shim: turns a failure into an error that names the operands.
  ///
  /// `operands` is evaluated on failure only, so a call allocates nothing; that it may be evaluated after `body` also
  /// keeps the operands alive during the call.
  static func perform(
    _ operation: StaticString, _ operands: @autoclosure () -> [Tensor?], wanted: [Int]? = nil,
    body: (UnsafeMutablePointer<ct_error>) -> Bool
  ) throws(TorchError) {
    var error = ct_error(kind: CT_ERROR_OTHER, message: nil)
    guard body(&error) else {
      throw TorchError(taking: &error, operation: operation, operands: operands(), wanted: wanted)
    }
  }

  /// As `perform`, for an operation that makes one tensor; `wanted` is the shape of one that is made from none.
  static func make(
    _ operation: StaticString, _ operands: @autoclosure () -> [Tensor?], wanted: [Int]? = nil,
    body: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<ct_error>) -> Bool
  ) throws(TorchError) -> Tensor {
    var out: OpaquePointer?
    try perform(operation, operands(), wanted: wanted) { body(&out, $0) }
    guard let out else { preconditionFailure("\(operation) succeeded without its output") }
    return Tensor(owning: out)
  }
}
