import Checkpoints
import Foundation
import Testing

/// The default model, when `Scripts/setup.sh` has fetched it.
let quickstartModel = packageFolder + "/.deps/models/smollm2-135m-instruct/model.gguf"
let packageFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

@Suite(.enabled(if: FileManager.default.fileExists(atPath: quickstartModel), "run Scripts/setup.sh model"))
struct `The default model` {
  @Test func `is read with its vocabulary and its tensors`() throws {
    let clock = ContinuousClock()
    var file: GGUFFile?
    let parsing = try clock.measure { file = try GGUFFile(path: quickstartModel) }
    let model = try #require(file)
    print("parsed in \(parsing)")
    #expect(model.metadata["tokenizer.ggml.tokens"]?.strings?.count == 49_152)
    #expect(try model.tensor("token_embd.weight").shape == [49_152, 576])
    for tensor in model.tensors.values.sorted(by: { $0.elementCount > $1.elementCount }).prefix(6) {
      var numbers = [Float](repeating: .nan, count: tensor.elementCount)
      let time = clock.measure {
        numbers.withUnsafeMutableBufferPointer { output in
          model.withBytes(of: tensor) { tensor.type.dequantise($0, into: output) }
        }
      }
      print(tensor.name, tensor.type, tensor.shape, time)
      #expect(numbers.allSatisfy { $0.isFinite })
    }
  }
}
