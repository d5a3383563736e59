import Checkpoints
import Foundation
import OperantTesting
import Records
import Testing

@testable import Runs

struct ModelCardTests {
  @Test func `a card tells base, method, settings, figures, data and limits`() {
    let text = ModelCard.sample().text(.merged)
    for part in [
      "base_model: \"org/base-model\"", "base_model_relation: finetune", "library_name: transformers",
      "pipeline_tag: text-generation", "license: \"apache-2.0\"", "- grpo", "value: 0.8000",
      "# support: \"replies\"", "| Steps | 40 of 40 |", "| LoRA rank, alpha | 16, 32 |",
      "| Reward | 0.4000 (0.3500 to 0.4500) | 0.8000 (0.7500 to 0.8500) | 0.4000 (0.3000 to 0.5000) |",
      "| Reward: length | 0.1000 | 0.2000 | 0.1000 |", "`tickets.jsonl`", "25% of its rows",
      "a `multi` grader named `helpful`", "1.5% of the tuned", "| 80.0 (70.0 to 90.0) | 0.0 (-2.0 to 2.0) |",
      "100 held-out prompts",
    ] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test func `a card keeps the trainer's folders and the grader's settings to itself`() {
    for format in ExportFormat.allCases {
      let text = ModelCard.sample().text(format)
      #expect(!text.contains("/home") && !text.contains("secret"))
    }
  }

  @Test func `a card says what is not known or not certain`() {
    var card = ModelCard.sample(comparison: nil, steps: 12)
    card.base = BaseModel(name: "base", ggufFile: "model.gguf")
    let text = card.text(.peft)
    #expect(text.contains("was not measured") && !text.contains("model-index"))
    #expect(text.contains("names no licence") && !text.contains("license:"))
    #expect(text.contains("the checkpoint of step 12; the plan had 40"))
    #expect(
      text.contains("gguf_file=\"model.gguf\"") && text.contains("trained on the weights of `model.gguf`"))

    card = .sample()
    #expect(!card.text(.merged).contains("may be chance"))
    card.comparison?.rewardGain = Interval(mean: 0.1, low: -0.1, high: 0.3)
    #expect(card.text(.merged).contains("may be chance"))
    card.comparison?.tuned.reward = Interval(mean: .nan, low: .nan, high: .nan)
    #expect(card.text(.merged).contains("not measured") && !card.text(.merged).contains("type: reward\n"))
  }

  @Test func `bars and quotes do not break tables and front matter`() {
    var card = ModelCard.sample()
    card.base.name = "a \"b\"\nc"
    #expect(card.text(.merged).contains(#"base_model: "a \"b\"\nc""#))
    #expect(ModelCard.table(["A"], [["x|y"]]) == "| A |\n| --- |\n| x\\|y |")
  }

  @Test(arguments: [
    (
      "---\nlicense: apache-2.0\nlanguage:\n- en\n- fr\ntags:\n- chat\n---\n# Card",
      BaseModel(name: "n", license: "apache-2.0", languages: ["en", "fr"])
    ),
    (
      "---\r\nlicense: other\r\nlicense_name: 'own'\r\nlicense_link: \"https://e.org/l\"\r\nlanguage: [en, de]\r\n---\r\n",
      BaseModel(
        name: "n", license: "other", licenseName: "own", licenseLink: "https://e.org/l",
        languages: ["en", "de"])
    ),
    ("---\nlanguage: en\n---\nlicense: mit", BaseModel(name: "n", languages: ["en"])),
    ("# No front matter\nlicense: mit", BaseModel(name: "n")),
    ("---\nlicense: mit\nnever closed", BaseModel(name: "n")),
    ("---\nmodel-index:\n- name: x\n  license: inner\n---\n", BaseModel(name: "n")),
    ("", BaseModel(name: "n")),
  ])
  func `a folder's card tells licence and languages`(readme: String, expected: BaseModel) {
    var base = BaseModel(name: "n")
    base.readFrontMatter(of: readme)
    #expect(base == expected)
  }

  @Test func `a folder's base has the name that others know it by`() throws {
    let folder = try TemporaryExports()
    for (path, config, name) in [
      ("models--org--my--model/snapshots/0a1b", "{}", "org/my--model"),
      ("saved", #"{"_name_or_path": "org/other"}"#, "org/other"),
      ("local", #"{"_name_or_path": "/data/secret/path"}"#, "local"),
      ("relative", #"{"_name_or_path": "../x"}"#, "relative"),
    ] {
      try FileManager.default.createDirectory(atPath: folder / path, withIntermediateDirectories: true)
      try Data(config.utf8).write(to: URL(filePath: folder / path + "/config.json"))
      #expect(try BaseModel(.folder(folder / path)).name == name)
    }
  }

  @Test(.enabled(if: ParityFixture.defaultModel != nil, "the default model is not in .deps/models"))
  func `a GGUF file tells its licence and languages`() throws {
    let base = try BaseModel(.gguf(#require(ParityFixture.defaultModel)))
    #expect(
      base
        == BaseModel(
          name: "smollm2-135m-instruct", ggufFile: "model.gguf", license: "apache-2.0", languages: ["en"]))
  }
}
