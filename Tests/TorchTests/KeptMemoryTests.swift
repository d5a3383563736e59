import Foundation
import Records
import Testing
import Torch

/// Memory of large tensors that is kept for the next ones. In processes of their own: it is for a whole process and
/// for good.
struct KeptMemoryTests {
  @Test func `memory goes to the next tensor of its size, and zeros are zeros`() async {
    await #expect(processExitsWith: .success) {
      keepTensorMemory()
      func address(_ tensor: Tensor) throws -> UInt {
        try tensor.withBytes { UInt(bitPattern: $0.baseAddress) }
      }
      func dirty(_ count: Int) throws -> UInt {
        let tensor = try Tensor.floats([Float](repeating: 7, count: count), [count])
        return try address(tensor)
      }
      let first = try dirty(1 << 20)
      #expect(first % 64 == 0)
      let second = try Tensor.zeros([1 << 20], .float32)
      #expect(try address(second) == first)
      #expect(try second.floats().allSatisfy { $0 == 0 })
      // Only while the first is in use.
      let third = try Tensor.empty([1 << 20], .float32)
      #expect(try address(third) != first)
      // A smaller one does not take a block that is far too large.
      let large = try dirty(1 << 22)
      #expect(try address(Tensor.empty([1 << 20], .float32)) != large)
      #expect(try address(Tensor.empty([1 << 22], .float32)) == large)
      // Small ones are malloc's, and empty ones are nobody's.
      #expect(try Tensor.floats([1, 2], [2]).floats() == [1, 2])
      #expect(try Tensor.empty([0, 4], .float32).floats() == [])
    }
  }

  @Test func `memory that no machine has is still an error of kind memory`() async {
    await #expect(processExitsWith: .success) {
      keepTensorMemory()
      let error = #expect(throws: TorchError.self) { () throws in
        try Tensor.empty([1 << 46], .float32)
      }
      #expect(error?.kind == .memory)
      #expect(error?.message.contains("can't allocate memory") == true)
      #expect(Tensor.liveCount == 0)
      let after = try Tensor.zeros([1 << 18], .float32)
      #expect(after.count == 1 << 18)
    }
  }

  @Test func `tensors of many sizes on many threads keep their values`() async {
    await #expect(processExitsWith: .success) {
      let before = try Tensor.floats([Float](repeating: 3, count: 1 << 18), [1 << 18])
      keepTensorMemory()
      keepTensorMemory()
      let wrong = try Shards(count: 4).run { shard throws(TorchError) in
        var random = SplitMix64(seed: UInt64(shard))
        var kept: [(tensor: Tensor, value: Int64)] = []
        var wrong = 0
        for round in 0..<400 {
          let count = Int.random(in: 1...(1 << Int.random(in: 4...19, using: &random)), using: &random)
          let value = Int64(shard * 1000 + round)
          let tensor = try Tensor.zeros([count], .int64)
          try tensor.withBytes { bytes in
            let numbers = bytes.bindMemory(to: Int64.self)
            if numbers[0] != 0 || numbers[count - 1] != 0 { wrong += 1 }
            numbers[0] = value
            numbers[count - 1] = value
          }
          kept.append((tensor, value))
          if kept.count > 8 { kept.remove(at: Int.random(in: 0..<8, using: &random)) }
          for (tensor, value) in kept {
            try tensor.withBytes { bytes in
              let numbers = bytes.bindMemory(to: Int64.self)
              if numbers[0] != value || numbers[numbers.count - 1] != value { wrong += 1 }
            }
          }
        }
        return wrong
      }
      #expect(wrong == [0, 0, 0, 0])
      #expect(try before.floats().allSatisfy { $0 == 3 })
    }
  }

  @Test func `what lies unused goes back to the system beyond a sixteenth of the memory`() async {
    await #expect(processExitsWith: .success) {
      keepTensorMemory()
      func resident() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? "0 0"
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4096
      }
      let limit = Int(ProcessInfo.processInfo.physicalMemory / 16)
      let before = resident()
      // Each a little larger than the last, so that none fits the next; a fifth more than may be kept.
      var size = 24 << 20
      var total = 0
      while total < limit + limit / 5 {
        _ = try Tensor.zeros([size], .bfloat16).count
        total += 2 * size
        size += size / 3
      }
      #expect(resident() - before < limit + limit / 20)
    }
  }
}
