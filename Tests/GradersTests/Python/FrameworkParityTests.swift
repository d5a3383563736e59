import Foundation
import Graders
import Records
import Testing

/// The same rewards as in the frameworks themselves: TRL's trainer, verl's reward managers, verifiers' environments and
/// reasoning-gym's data sets, each running the user's file in `Scripts/parity/rewards/users`.
@Suite(.serialized, .enabled(if: Frameworks.areThere, "Scripts/setup.sh rewards makes .venv-rewards"))
struct FrameworkParityTests {
  static let answers = [
    "Answer: 2", "1 + 1 = 2", "Answer: 3", "", #"{"answer": 2}"#, "2 + 2\nAnswer: 2", "<answer>2</answer>",
    "<think>one and one</think><answer>2</answer>", "<think></think>\n<answer>3</answer>", "¿2? ½ 🙂", "2",
    String(repeating: "so 2 it is. ", count: 20),
  ]

  static func users(_ file: String, _ fields: JSONValue) -> JSONValue {
    var definition = JSONObject([
      ("type", "python_function"), ("file", .string(Frameworks.users + "/" + file)),
    ])
    for (key, value) in fields.object?.members ?? [] { definition[key] = value }
    return .object(definition)
  }

  @Test func `TRL's trainer gives the same rewards, up to its own float32`() async throws {
    let definition = Self.users(
      "trl_rewards.py",
      ["function": ["correct", "brevity", "only_sums", "warm_up"], "weights": [1, 0.5, 2, 0.25]])
    for kind in ["sum", "other"] {
      let samples = group(Self.answers, item: ["answer": 2, "kind": .string(kind)], step: 40)
      let theirs = try Frameworks.theirs("trl", Frameworks.request(definition, samples))
      let grades = try await Frameworks.grader(definition).grade(samples)
      for (grade, expected) in zip(grades, theirs) {
        let reward = try #require(expected["reward"]?.double)
        let ours = try #require(grade.reward, "\(grade.outcome)")
        #expect(abs(ours - reward) <= 1e-6 * max(1, abs(reward)))
      }
    }
  }

  @Test func `where nothing applies, TRL has no reward either`() async throws {
    let definition = Self.users("trl_rewards.py", ["function": "only_sums"])
    let samples = group(["1 + 1", "2"], item: ["kind": "other"])
    let theirs = try Frameworks.theirs("trl", Frameworks.request(definition, samples))
    #expect(theirs.allSatisfy { $0["reward"] == .null })
    #expect(try await Frameworks.grader(definition).grade(samples).allSatisfy(\.isNotApplicable))
  }

  @Test(arguments: [
    ("think_format_reward", "{}"), ("accuracy_reward", #"{"solution": "$2$"}"#),
    ("accuracy_reward", #"{"solution": "not mathematics"}"#),
  ])
  func `rewards that come with TRL are the same`(function: String, item: String) async throws {
    let definition: JSONValue = [
      "type": "python_function", "module": "trl.rewards", "function": .string(function),
    ]
    let answers = Self.answers + [#"\boxed{2}"#, "$2$", "<think>a</think>b"]
    let samples = group(answers, item: try JSONValue(parsing: item))
    let theirs = try Frameworks.theirs("trl", Frameworks.request(definition, samples))
    let grades = try await Frameworks.grader(definition).grade(samples)
    for (grade, expected) in zip(grades, theirs) {
      #expect(grade.reward == expected["reward"]?.double, "\(grade.outcome)")
    }
  }

  @Test(
    arguments: [
      ("compute_score", ["kwargs": ["bonus": 0.5]], false), ("compute_later", [:], false),
      ("compute_batch", ["kwargs": ["scale": 3]], true),
    ] as [(String, JSONValue, Bool)])
  func `verl's reward managers give the same scores`(function: String, fields: JSONValue, batch: Bool)
    async throws
  {
    var all = fields.object ?? JSONObject()
    all["function"] = .string(function)
    let definition = Self.users("verl_rewards.py", .object(all))
    let samples = group(
      Self.answers.map { $0.filter(\.isASCII) }.filter { !$0.isEmpty },
      item: ["data_source": "sums", "reward_model": ["ground_truth": "2"], "extra_info": ["index": 3]])
    let theirs = try Frameworks.theirs("verl", Frameworks.request(definition, samples, batch: batch))
    let grades = try await Frameworks.grader(definition).grade(samples)
    for (grade, expected) in zip(grades, theirs) {
      #expect(grade.reward == expected["reward"]?.double)
      for (name, value) in grade.metrics {
        let text = try #require(expected["extras"]?[name]?.string)
        #expect(value == (text == "True" ? 1 : text == "False" ? 0 : Double(text)))
      }
    }
  }

  @Test func `the score of GSM8K that comes with verl is imported as it is`() async throws {
    let folder = try FileManager.default.contentsOfDirectory(atPath: Frameworks.python + "/lib")[0]
    let file = "\(Frameworks.python)/lib/\(folder)/site-packages/verl/utils/reward_score/gsm8k.py"
    let definition: JSONValue = [
      "type": "python_function", "file": .string(file), "function": "compute_score",
      "kwargs": ["method": "flexible", "format_score": 0.1],
    ]
    let samples = group(["#### 2", "it is 2", "3", "none"], item: ["answer": "2"])
    let grades = try await Frameworks.grader(definition).grade(samples)
    #expect(grades.map(\.outcomeText) == ["1.0", "1.0", "0.1", "0.0"])
  }

  @Test(arguments: [[:], ["strictness": 0.7]] as [JSONValue])
  func `an environment of verifiers scores the same`(arguments: JSONValue) async throws {
    let definition = Self.users("verifiers_rewards.py", ["kwargs": arguments])
    let samples = group(Self.answers, item: ["answer": "2", "info": ["limit": 60]])
    let theirs = try Frameworks.theirs("verifiers", Frameworks.request(definition, samples))
    let grades = try await Frameworks.grader(definition).grade(samples)
    for (grade, expected) in zip(grades, theirs) {
      #expect(grade.reward == expected["reward"]?.double, "\(grade.outcome)")
      let named = grade.parts.merging(grade.metrics) { $1 }
      #expect(named == expected["parts"]?.object?.members.reduce(into: [:]) { $0[$1.key] = $1.value.double })
      #expect(grade.metrics["num_turns"] == 1 && grade.parts["letters"] == nil)
    }
  }

  @Test func `OpenAI's documented call gives the same`() async throws {
    let definition = Self.users("openai_rewards.py", ["function": "grade"])
    let samples = group(Self.answers, item: ["answer": 2, "note": ["deep": [1, 2.5, .null]]])
    let theirs = try Frameworks.theirs("openai", Frameworks.request(definition, samples))
    let grades = try await Frameworks.grader(definition).grade(samples)
    #expect(grades.map(\.reward) == theirs.map { $0["reward"]?.double })
  }

  @Test(arguments: ["lambda_handler", "enveloped_handler"])
  func `the documented event of a reward Lambda gives the same`(function: String) async throws {
    let definition = Self.users("lambda_rewards.py", ["function": .string(function)])
    let samples = group(Self.answers, item: ["reference_answer": ["final_answer": "2"], "limit": 40])
    let theirs = try Frameworks.theirs("aws_lambda", Frameworks.request(definition, samples))
    let grades = try await Frameworks.grader(definition).grade(samples)
    #expect(grades.map(\.reward) == theirs.map { $0["reward"]?.double })
    for (grade, expected) in zip(grades, theirs) {
      #expect(grade.parts["accuracy"] == expected["parts"]?["accuracy"]?.double)
      #expect(grade.metrics["length_chars"] == expected["parts"]?["length_chars"]?.double)
    }
  }

  @Test func `a reward function of verifiers that raises is a failure here and a zero there`() async throws {
    let file = try RewardFile(
      """
      import verifiers as vf
      from datasets import load_dataset

      def load_environment():
          rows = load_dataset("no/such-data-set", split="train").map(lambda row: row)
          def fine(completion): return 1.0
          def fails(completion): return 1 / (len(completion[-1]["content"]) - 1)
          return vf.SingleTurnEnv(dataset=rows, rubric=vf.Rubric(funcs=[fine, fails]))
      """)
    let definition: JSONValue = ["type": "python_function", "file": .string(file.path)]
    let grades = try await Frameworks.grader(definition).grade(group(["a", "abc"], item: ["answer": "2"]))
    #expect(grades.map(\.outcomeText) == ["raised", "1.5"])
    #expect(grades[0].failure?.message.contains("fails raised ZeroDivisionError") == true)
  }

  @Test(arguments: ["rubric", "math"])
  func `a rubric by itself is enough`(name: String) async throws {
    let file = try RewardFile(
      "import verifiers as vf\nmath = vf.MathRubric()\nrubric = vf.Rubric(funcs=[lambda answer: float(answer)])"
    )
    let definition: JSONValue = [
      "type": "python_function", "file": .string(file.path), "function": .string(name),
    ]
    let grades = try await Frameworks.grader(definition).grade(group([#"\boxed{2}"#], item: ["answer": "2"]))
    #expect(grades[0].reward == (name == "rubric" ? 2 : 1), "\(grades[0].outcome)")
  }

  @Test func `every data set of reasoning-gym scores its rows as the package does`() async throws {
    let theirs = try Frameworks.theirs("reasoning_gym", ["count": 2, "seed": 5])
    let grader = try Frameworks.grader(["type": "reasoning_gym"])
    var compared = 0
    let names = Set(theirs.compactMap { $0["dataset"]?.string })
    #expect(names.count == 105)
    for dataset in names.sorted() {
      let rows = try await ReasoningGymRows(
        dataset: dataset, count: 2, seed: 5, systemPrompt: "default", python: Frameworks.python
      ).generated(in: pythonSurroundings)
      for expected in theirs where expected["dataset"]?.string == dataset {
        let row = rows[expected["index"]?.integer ?? 0]
        let texts = (expected["texts"]?.array ?? []).compactMap(\.string)
        let grades = await grader.grade(group(texts, item: row))
        for (grade, score) in zip(grades, expected["scores"]?.array ?? []) {
          compared += 1
          #expect(grade.reward == score.double, "\(dataset): \(grade.outcome), theirs is \(score)")
          if score.string != nil { #expect(grade.failure?.cause == .raised) }
        }
      }
    }
    #expect(compared == 105 * 2 * 6)
  }
}
