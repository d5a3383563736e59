import Checkpoints
import Foundation
import Testing

struct `A model's place` {
  let folder: TemporaryFolder
  let models: String

  init() throws {
    folder = try TemporaryFolder()
    models = folder.path + "/project/.deps/models"
    for place in ["project/.deps/models/small-model", "project/deep/er", "bin", "hf", "empty", "mine/other"] {
      try FileManager.default.createDirectory(
        atPath: folder.path + "/" + place, withIntermediateDirectories: true)
    }
    for file in [
      "project/.deps/models/small-model/model.gguf", "hf/config.json", "weights.gguf", "one.safetensors",
      "mine/other/other-q8.gguf",
    ] { _ = try folder.write([1], to: file) }
  }

  private func find(
    _ source: String, from current: String = "", executable: String? = nil, models: String? = nil
  ) throws -> ModelLocation {
    try ModelLocation(
      source: source, environment: models.map { ["OPERANT_MODELS": $0] } ?? [:],
      currentFolder: folder.path + "/" + current, executable: executable)
  }

  @Test func `of a name is found upwards of the current folder, the executable, or where the user says`()
    throws
  {
    let expected = ModelLocation.gguf(models + "/small-model/model.gguf")
    #expect(try find("small-model", from: "project/deep/er") == expected)
    #expect(try find("small-model", from: "bin", executable: folder.path + "/project/deep/tool") == expected)
    #expect(try find("small-model", from: "bin", models: models) == expected)
    #expect(
      try find("other", models: folder.path + "/mine") == .gguf(folder.path + "/mine/other/other-q8.gguf"))
  }

  @Test func `of a path is the path`() throws {
    #expect(try find("weights.gguf") == .gguf(folder.path + "/weights.gguf"))
    #expect(try find(folder.path + "/hf", from: "bin") == .folder(folder.path + "/hf"))
    #expect(try find("../hf", from: "bin") == .folder(folder.path + "/hf"))
  }

  @Test func `that is nowhere is an error with all places and the nearest name`() throws {
    let name = #expect(throws: ModelFileError.self) { try find("smal-model", from: "project") }
    #expect(name?.kind == .missing)
    #expect(name?.message.contains(models + "/smal-model") == true)
    #expect(name?.message.contains("did you mean 'small-model'?") == true)
    #expect(name?.message.contains("make quickstart") == true)
    let path = #expect(throws: ModelFileError.self) { try find("./weight.gguf") }
    #expect(path?.message.contains("did you mean 'weights.gguf'?") == true)
  }

  @Test func `that is something else says what it should be`() throws {
    let empty = #expect(throws: ModelFileError.self) { try find("empty") }
    #expect(empty?.message.contains("config.json") == true)
    let single = #expect(throws: ModelFileError.self) { try find("one.safetensors") }
    #expect(single?.kind == .unsupported)
  }
}
