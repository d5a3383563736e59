import Checkpoints
import Foundation
import LanguageModels
import OperantTesting
import Testing
import Torch

/// Models of each family in GGUF files, laid out as llama.cpp's converter does, against transformers on the
/// weights that the files hold.
@Suite(.enabled(if: ParityFixture.missing == nil, "\(ParityFixture.missing ?? "")"))
struct GGUFModelTests {
  @Test func `every family and type gives the log-probabilities of transformers`() throws {
    let entries = try Fixtures.ggufs()
    #expect(entries.count == 25)
    for entry in entries {
      let file = try #require(entry.file)
      let difference = try entry.largestDifference(
        ModelLoader(gguf: file).decoder(.float32, positions: 128), to: entry.float32)
      #expect(difference < 1e-4, "\(entry.name ?? "")")
    }
  }

  @Test func `a file in float32 holds the folder's model`() throws {
    for entry in try Fixtures.ggufs() where entry.file?.hasSuffix(".F32.gguf") == true {
      let file = try ModelLoader(gguf: #require(entry.file))
      let folder = try ModelLoader(huggingFace: #require(entry.folder))
      let weights = zip(try file.weights(.float32).named, try folder.weights(.float32).named)
      for (ours, theirs) in weights {
        #expect(ours.name == theirs.name)
        #expect(try ours.tensor.floats() == theirs.tensor.floats(), "\(entry.name ?? "") \(ours.name)")
      }
    }
  }

  func damaged(_ change: (inout Data) -> Void) throws -> String {
    let entry = try #require(try Fixtures.ggufs().first)
    var data = try Data(contentsOf: URL(filePath: #require(entry.file)))
    change(&data)
    let path = FileManager.default.temporaryDirectory.appending(path: "operant-\(UUID().uuidString).gguf")
      .path
    try data.write(to: URL(filePath: path))
    return path
  }

  /// Replaces text by other text of the same length, as GGUF files have no slack.
  func replacing(_ old: String, _ new: String) throws -> String {
    try damaged { data in
      guard let range = data.range(of: Data(old.utf8)) else { return }
      data.replaceSubrange(range, with: Data(new.utf8))
    }
  }

  @Test func `a file cut off anywhere is refused`() throws {
    for share in [0, 0.01, 0.3, 0.9, 0.999] {
      let path = try damaged { $0 = $0.prefix(Int(Double($0.count) * share)) }
      defer { try? FileManager.default.removeItem(atPath: path) }
      let error = #expect(throws: ModelFileError.self, "\(share)") { try ModelLoader(gguf: path) }
      #expect(error?.file == path)
    }
  }

  @Test func `another architecture and a missing tensor are named`() throws {
    let other = try replacing("llama", "gemma")
    defer { try? FileManager.default.removeItem(atPath: other) }
    let architecture = #expect(throws: ModelFileError.self) { try ModelLoader(gguf: other) }
    #expect(architecture?.kind == .unsupported)
    #expect(architecture?.part == "general.architecture")
    #expect(architecture?.message.contains("llama, qwen2, qwen3") == true)

    let renamed = try replacing("blk.1.ffn_up.weight", "blk.1.ffn_UP.weight")
    defer { try? FileManager.default.removeItem(atPath: renamed) }
    let missing = #expect(throws: ModelFileError.self) { try ModelLoader(gguf: renamed).weights(.float32) }
    #expect(missing?.kind == .missing)
    #expect(missing?.part == "blk.1.ffn_up.weight")
    #expect(missing?.message.contains("[96, 64]") == true)

    let key = try replacing("llama.block_count", "llama.block_COUNT")
    defer { try? FileManager.default.removeItem(atPath: key) }
    let error = #expect(throws: ModelFileError.self) { try ModelLoader(gguf: key) }
    #expect(error?.part == "llama.block_count")
  }
}
