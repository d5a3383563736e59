import Checkpoints
import Foundation
import OperantTesting
import Records
import Testing
import Torch

/// One case of `Scripts/parity/torch_ops.py`: inputs, and what PyTorch makes of them in float64.
struct OperationCase: CustomStringConvertible {
  let name: String
  let dtype: DType
  let parameters: JSONValue
  private let file: SafetensorsFile

  var description: String { name }

  /// The cases of an operation, in both number formats; traps when there are none, so that no test is empty.
  static func all(_ operation: String) throws -> [OperationCase] {
    let cases = try loaded.get().filter { $0.name.hasPrefix(operation + "/") }
    precondition(!cases.isEmpty, "torch_ops.py has no case of \(operation)")
    return cases
  }

  /// Made once: suites run side by side.
  private static let loaded = Result { () throws -> [OperationCase] in
    let fixture = try ParityFixture("torch_ops.py")
    let file = try SafetensorsFile(path: fixture.folder.appending(path: "ops.safetensors").path)
    let list = try JSONValue(parsing: Array(fixture.data("cases.json")))
    return try #require(list.array).map { entry in
      OperationCase(
        name: try #require(entry["name"]?.string),
        dtype: entry["dtype"]?.string == "bfloat16" ? .bfloat16 : .float32,
        parameters: try #require(entry["parameters"]), file: file)
    }
  }

  // MARK: parameters

  func double(_ key: String) throws -> Double { try #require(parameters[key]?.double, "\(name) \(key)") }
  func integer(_ key: String) throws -> Int { try #require(parameters[key]?.integer, "\(name) \(key)") }
  func integers(_ key: String) throws -> [Int] {
    try #require(parameters[key]?.array, "\(name) \(key)").compactMap(\.integer)
  }

  // MARK: tensors

  func has(_ input: String) -> Bool { file.tensors["\(name)/in.\(input)"] != nil }

  /// Numbers of the dump and their shape.
  func numbers(_ part: String) throws -> (values: [Float], shape: [Int]) {
    let tensor = try file.tensor("\(name)/\(part)")
    try #require(tensor.type == .float32)
    return (file.withBytes(of: tensor) { Array($0.bindMemory(to: Float.self)) }, tensor.shape)
  }

  /// An input that is not learned.
  func input(_ key: String, _ dtype: DType? = nil) throws -> Tensor {
    let tensor = try file.tensor("\(name)/in.\(key)")
    if tensor.type == .int64 {
      return try Tensor.integers(
        file.withBytes(of: tensor) { $0.bindMemory(to: Int64.self).map(Int.init) })
    }
    let (values, shape) = try numbers("in.\(key)")
    return try Tensor.floats(values, shape, dtype ?? self.dtype)
  }

  /// An input that collects its gradient.
  func leaf(_ key: String) throws -> Tensor { try input(key).leaf(requiresGradient: true) }

  /// Sends the dump's gradients of these outputs back, all at once.
  func backward(_ outputs: [String: Tensor]) throws {
    let ordered = outputs.sorted { $0.key < $1.key }
    let up = try ordered.flatMap { try numbers("up.\($0.key)").values }
    let joined = try Tensor.concatenated(ordered.map { try $0.value.reshaped([-1]) })
    try joined.backward(gradient: Tensor.floats(up, [up.count], joined.dtype))
  }

  // MARK: comparison

  /// Expects the outputs to be those of PyTorch.
  ///
  /// float32: within 1e-5 of the value plus 1e-5 of the largest. bfloat16, whose numbers are 2^-7 apart for 1: within
  /// `roundings` half-steps of the largest number, one for each time the operation rounds on the way; the
  /// default is that of an operation that rounds its result alone, which holds for every number by itself.
  func expect(
    _ outputs: [String: Tensor], roundings: Double = 1, location: SourceLocation = #_sourceLocation
  ) throws {
    for (key, output) in outputs {
      try compare(output, part: "out.\(key)", roundings: roundings, location: location)
    }
  }

  /// Expects the gradients collected in these leaves to be those of PyTorch, as `expect` does.
  func expectGradients(
    _ leaves: [String: Tensor], roundings: Double = 1, location: SourceLocation = #_sourceLocation
  ) throws {
    for (key, leaf) in leaves {
      let gradient = try #require(try leaf.gradient(), "\(name): no gradient reached \(key)")
      #expect(gradient.dtype == leaf.dtype, sourceLocation: location)
      try compare(gradient, part: "grad.\(key)", roundings: roundings, location: location)
    }
  }

  private func compare(_ tensor: Tensor, part: String, roundings: Double, location: SourceLocation) throws {
    let (expected, shape) = try numbers(part)
    let found = try tensor.floats()
    #expect(tensor.shape == shape, "\(name) \(part)", sourceLocation: location)
    try #require(found.count == expected.count, sourceLocation: location)
    let largest = expected.map(abs).max() ?? 0
    var worst = Deviation()
    for (index, (a, b)) in zip(found, expected).enumerated() {
      let allowed: Float
      if tensor.dtype == .bfloat16 {
        let scale = roundings > 1 ? largest : abs(b)
        allowed = Float(roundings) * 0x1p-8 * scale * 1.001 + 1e-6
      } else if dtype == .bfloat16 {
        // A float32 result of bfloat16 inputs: nothing but the order of the sums differs.
        allowed = Float(roundings > 1 ? roundings * 0x1p-8 : 1e-5) * max(1, largest)
      } else {
        allowed = 1e-5 + 1e-5 * max(abs(b), largest)
      }
      worst.take(found: a, expected: b, allowed: allowed, index: index)
    }
    #expect(worst.share <= 1, "\(name) \(part): \(worst)", sourceLocation: location)
  }
}

/// The element that uses most of what it may deviate.
private struct Deviation: CustomStringConvertible {
  var share: Float = 0
  var description = "equal"

  mutating func take(found: Float, expected: Float, allowed: Float, index: Int) {
    let difference = abs(found - expected)
    let used = difference.isNaN ? .infinity : difference / allowed
    guard used > share else { return }
    share = used
    description = "element \(index) is \(found), expected \(expected) within \(allowed)"
  }
}
