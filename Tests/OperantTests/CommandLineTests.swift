import Checkpoints
import Foundation
import Plans
import Records
import Testing

@testable import operant

/// The program as its users run it, with a script in the place of the worker.
@Suite(.timeLimit(.minutes(30)), .enabled(if: Program.isBuilt, "the operant program is not built"))
struct `The command line` {
  static let plan = """
    model: {source: tiny}
    data: {generate: {dataset: support-reply, rows: 50}}
    grader:
      type: string_check
      name: same
      operation: eq
      input: "{{sample.output_text}}"
      reference: "{{item.answer}}"
    """

  @Test func `helps without being asked for anything else`() async throws {
    let result = try await Program().run("--help")
    #expect(result.code == 0)
    for command in [
      "train", "eval", "generate", "chat", "score", "tokenize", "grade", "data", "run", "export",
    ] {
      #expect(result.output.contains("\n  \(command) "), "\(command)")
      let help = try await Program().run(command, "--help")
      #expect(help.code == 0)
    }
    for leaf in [
      ["train"], ["eval"], ["generate"], ["chat"], ["score"], ["tokenize"], ["grade", "run"], ["export"],
      ["data", "validate"], ["data", "split"], ["data", "generate"], ["run", "list"], ["run", "show"],
    ] {
      let help = try await Program().run(leaf + ["--help"])
      #expect(help.output.contains("Example"), "\(leaf)")
    }
  }

  @Test(arguments: [
    (["train"], "no plan was given"), (["nonsense"], "nonsense"),
    (["train", "a", "--resume", "b"], "both given"),
    (["train", "none.yaml"], "none.yaml: error: the plan cannot be read"),
    (["train", "--resume", "latest"], "there is no run in runs yet"),
    (["generate", "--temperature", "-1", "x"], "--temperature"),
    (["score", "x", "--model", "/nowhere"], "no such model"), (["eval"], "nothing to measure"),
    (["tokenize", "a", "--file", "b"], "give one of them"),
    (["data", "split", "a", "--to", "b", "--share", "2"], "--share"),
    (["grade", "run", "--grader", "none.json", "--sample", "x"], "none.json"),
  ])
  func `tells a wrong request with code 2`(arguments: [String], part: String) async throws {
    let result = try await Program().run(arguments)
    #expect(result.code == 2)
    #expect(result.error.contains(part), "\(result.error)")
    #expect(result.output == "")
  }

  @Test func `trains: makes the run folder, asks the worker, shows what it reports`() async throws {
    let program = try Program(
      worker: """
        read -r request; echo "$request" > request.json
        echo '{"event":"warning","message":"hello"}'
        """)
    try program.makeModel()
    try program.write(Self.plan, to: "plan.yaml")
    let result = try await program.run(
      "train", "plan.yaml", "--set", "training.steps=7", "--set", "name=my run")
    #expect(result.code == 0, "\(result.error)")
    #expect(result.output == "warning: hello\n")
    let run = try #require(try RunFolder.list(under: program.folder + "/runs").first)
    #expect(run.folder.name.hasPrefix("my-run-"))
    let plan = try run.folder.plan()
    #expect(plan.training.steps == 7)
    #expect(plan.grader.object?.keys == ["type", "name", "operation", "input", "reference"])
    let request = try program.read("request.json")
    #expect(
      try WorkerLine.decode(WorkerRequest.self, from: request.utf8) == .train(runFolder: run.folder.path))

    let again = try await program.run("train", "--resume", "latest", "--json")
    #expect(again.output == "{\"event\":\"warning\",\"message\":\"hello\"}\n")
    #expect(try program.read("request.json") == request)
    let list = try await program.run("run", "list")
    #expect(list.output.contains(run.folder.name + "  created  0/7"))
    let show = try await program.run("run", "show", run.folder.name)
    #expect(show.output.contains("created, 0 of 7 steps"), "\(show.error)")
  }

  @Test func `a dry run prints a plan that reads back and starts nothing`() async throws {
    let program = try Program(worker: "touch started")
    try program.makeModel()
    try program.write(Self.plan, to: "plan.yaml")
    let result = try await program.run("train", "plan.yaml", "--dry-run")
    #expect(result.code == 0, "\(result.error)")
    #expect(result.output.contains("# Forecast"))
    let reading = PlanReader(file: "again.yaml", folder: program.folder).read(result.output)
    #expect(reading.diagnostics == [])
    #expect(reading.plan.training == TrainingPlan())
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/runs"))
    #expect(!FileManager.default.fileExists(atPath: program.folder + "/started"))
    let json = try await program.run("train", "plan.yaml", "--dry-run", "--json")
    let object = try JSONValue(parsing: json.output)
    #expect(object["plan"]?["name"] == .string(program.name))
    #expect(object["forecast"]?["total_memory_bytes"]?.integer ?? 0 > 0)
  }

  @Test func `tells everything wrong with a plan, its data and its model at once`() async throws {
    let program = try Program()
    try program.makeModel()
    try program.write("{\"messages\": []}\nnonsense\n", to: "rows.jsonl")
    try program.write(
      """
      data: {train: rows.jsonl}
      model: {source: tinny}
      grader: {type: string_chek}
      sampling: {max_token: 5}
      """, to: "plan.yaml")
    let result = try await program.run("train", "plan.yaml")
    #expect(result.code == 2)
    for part in [
      "rows.jsonl:1: error:", "rows.jsonl:2: error:", "plan.yaml:2: error: model.source:", "did you mean",
      "plan.yaml:3: error: grader.type:", "plan.yaml:4: error: sampling.max_token:", "errors",
    ] {
      #expect(result.error.contains(part), "\(part) is not in\n\(result.error)")
    }
  }

  @Test func `Ctrl-C once finishes, twice ends at once and says how to go on`() async throws {
    let program = try Program(
      worker: """
        trap 'echo "{\\"event\\":\\"warning\\",\\"message\\":\\"asked\\"}"; echo x >> asked; [ -f polite ] && exit 0' INT
        echo '{"event":"warning","message":"ready"}'; touch ready
        while true; do sleep 0.02; done
        """)
    try program.makeModel()
    try program.write(Self.plan, to: "plan.yaml")
    try program.write("", to: "polite")
    let once = try await program.run("train", "plan.yaml") { process in
      try await program.waitFor("ready")
      kill(process, SIGINT)
    }
    #expect(once.code == 0)
    #expect(once.output.contains("warning: asked"))
    #expect(once.error.contains("finishing the step"))

    for file in ["polite", "ready", "asked"] {
      try FileManager.default.removeItem(atPath: program.folder + "/" + file)
    }
    let twice = try await program.run("train", "--resume", "latest") { process in
      try await program.waitFor("ready")
      kill(process, SIGTERM)
      try await program.waitFor("asked")
      kill(process, SIGINT)
    }
    #expect(twice.code == 130)
    #expect(
      twice.error.contains(
        "ended at once; the run goes on from its newest checkpoint with: \(Program.path) train --resume"))
  }

  @Test func `a run is asked under the system message that it was trained with`() async throws {
    let program = try Program(
      worker: #"""
        read -r request; echo "$request" > request.json
        echo '{"event":"text","index":0,"text":"Hello"}'
        echo '{"event":"generated","answer":{"index":0,"prompt":0,"text":"Hello","tokens":[1],"logProbabilities":[-0.5],"stopReason":"end_of_turn"}}'
        """#)
    try program.makeModel()
    let plan = Plan(
      name: "mails", model: ModelPlan(source: program.folder + "/tiny"),
      data: DataPlan(train: .generated(.supportReply, rows: 20, seed: 1), system: "House rules."),
      grader: ["type": "length", "max": 3])
    let run = try RunFolder.create(plan, under: program.folder + "/runs")
    func conversation(_ arguments: String...) async throws -> [Message]? {
      let result = try await program.run(["generate", "--run", run.path, "Hi"] + arguments)
      #expect(result.output == "Hello\n", "\(result.error)")
      let request = try WorkerLine.decode(WorkerRequest.self, from: try program.read("request.json").utf8)
      guard case .generate(let generation) = request else { return nil }
      return generation.conversations.first
    }
    #expect(try await conversation() == [Message(.system, "House rules."), Message(.user, "Hi")])
    #expect(try await conversation("--system", "Mine.") == [Message(.system, "Mine."), Message(.user, "Hi")])
    #expect(try await conversation("--system", "") == [Message(.user, "Hi")])
  }

  @Test func `generates as it is sampled, and as JSON`() async throws {
    let program = try Program(
      worker: #"""
        read -r request; echo "$request" > request.json
        echo '{"event":"text","index":0,"text":"Hel"}'
        echo '{"event":"text","index":0,"text":"lo"}'
        echo '{"event":"generated","answer":{"index":0,"prompt":0,"text":"Hello","tokens":[1,2],"logProbabilities":[-0.5,-0.25],"stopReason":"end_of_turn"}}'
        """#)
    try program.makeModel()
    let plain = try await program.run(
      "generate", "--model", "tiny", "--system", "Be brief.", "Hi", "--seed", "4")
    #expect(plain.output == "Hello\n", "\(plain.error)")
    guard
      case .generate(let request) = try WorkerLine.decode(
        WorkerRequest.self, from: try program.read("request.json").utf8)
    else {
      Issue.record("another request was made")
      return
    }
    #expect(request.conversations == [[Message(.system, "Be brief."), Message(.user, "Hi")]])
    #expect(request.rawPrompts == [])
    #expect(request.seed == 4)
    #expect(request.policy.modelPath == program.folder + "/tiny")
    let json = try await program.run("generate", "--model", "tiny", "--raw", "--json", input: "Once")
    #expect(
      json.output
        == #"{"index": 0, "text": "Hello", "ids": [1, 2], "logprobs": [-0.5, -0.25], "stop_reason": "end_of_turn"}"#
        + "\n"
    )
    #expect(try program.read("request.json").contains(#""rawPrompts":["Once"]"#))
  }

  @Test func `scores as JSON`() async throws {
    let program = try Program(
      worker: #"echo '{"event":"scored","score":{"ids":[5,6],"logProbabilities":[null,-1.5]}}'"#)
    try program.makeModel()
    let result = try await program.run("score", "--json", "--dtype", "float32", "--model", "tiny", "ab")
    #expect(result.output == #"{"ids": [5, 6], "logprobs": [null, -1.5]}"# + "\n", "\(result.error)")
  }

  @Test func `chats: history grows, reset forgets it, quit ends it`() async throws {
    let program = try Program(
      worker: #"""
        read -r request; i=0
        while read -r line; do
          echo "$line" >> turns; i=$((i+1))
          echo "{\"event\":\"text\",\"index\":0,\"text\":\"answer $i\"}"
          echo "{\"event\":\"generated\",\"answer\":{\"index\":0,\"prompt\":0,\"text\":\"answer $i\",\"tokens\":[],\"logProbabilities\":[],\"stopReason\":\"end_of_turn\"}}"
        done
        """#)
    try program.makeModel()
    let result = try await program.run(
      "chat", "--model", "tiny", "--system", "S", input: "one\n\ntwo\n/reset\nthree\n/quit\nfour\n")
    #expect(result.code == 0, "\(result.error)")
    #expect(result.output == "answer 1\nanswer 2\nanswer 3\n")
    let turns = try program.read("turns").split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    let system: JSONValue = ["role": "system", "content": "S"]
    #expect(
      turns == [
        [system, ["role": "user", "content": "one"]],
        [
          system, ["role": "user", "content": "one"], ["role": "assistant", "content": "answer 1"],
          ["role": "user", "content": "two"],
        ],
        [system, ["role": "user", "content": "three"]],
      ])
    let json = try await program.run("chat", "--model", "tiny", "--json", input: "one\n")
    #expect(json.output == #"{"role": "assistant", "content": "answer 1"}"# + "\n")
  }

  @Test func `evaluates a plan with its grader`() async throws {
    let program = try Program(
      worker: "read -r request; echo \"$request\" > request.json")
    try program.makeModel()
    try program.write(Self.plan, to: "plan.yaml")
    let result = try await program.run("eval", "--plan", "plan.yaml", "--prompts", "5")
    #expect(result.code == 0, "\(result.error)")
    guard
      case .evaluate(let request) = try WorkerLine.decode(
        WorkerRequest.self, from: try program.read("request.json").utf8)
    else {
      Issue.record("another request was made")
      return
    }
    #expect(request.plan.evaluation.prompts == 5)
    #expect(request.policy.runFolder == nil)
    #expect(!request.compareWithBase)
  }

  @Test func `grades an answer in the object of OpenAI's call`() async throws {
    let program = try Program()
    try program.write(
      #"{"type":"string_check","name":"same","operation":"eq","input":"{{sample.output_text}}","reference":"{{item.answer}}"}"#,
      to: "grader.json")
    let result = try await program.run(
      "grade", "run", "--grader", "grader.json", "--sample", "Paris", "--item", #"{"answer": "Paris"}"#,
      "--json")
    let object = try JSONValue(parsing: result.output)
    #expect(object["reward"]?.double == 1)
    #expect(object["metadata"]?["errors"]?["formula_parse_error"] == false)
    let failed = try await program.run("grade", "run", "--grader", "grader.json", "--json", input: "Paris")
    #expect(failed.code == 0)
    #expect(try JSONValue(parsing: failed.output)["metadata"]?["errors"]?["invalid_variable_error"] == true)
    let wrong = try await program.run(
      "grade", "run", "--grader", "grader.json", "--sample", "x", "--item", "[1]")
    #expect(wrong.code == 2)
    #expect(wrong.error.contains("--item is a list; expected an object"))
  }

  @Test func `writes, splits and checks data`() async throws {
    let program = try Program()
    let rows = try await program.run("data", "generate", "arithmetic", "--rows", "40", "--seed", "3")
    #expect(rows.output.split(separator: "\n").count == 40)
    try program.write(rows.output, to: "rows.jsonl")
    let split = try await program.run("data", "split", "rows.jsonl", "--to", "parts", "--json")
    let object = try JSONValue(parsing: split.output)
    let train = object["train"]?["rows"]?.integer ?? 0
    #expect(train + (object["held_out"]?["rows"]?.integer ?? 0) == 40)
    #expect(try program.read("parts/train.jsonl").split(separator: "\n").count == train)
    #expect(try await program.run("data", "validate", "parts/train.jsonl").code == 0)
    try program.write("{}\n", to: "bad.jsonl")
    let bad = try await program.run("data", "validate", "bad.jsonl", "rows.jsonl")
    #expect(bad.code == 1)
    #expect(bad.output.contains("bad.jsonl:1: error:"))
  }

  @Test func `a reader that goes away ends it without a word`() async throws {
    let program = try Program()
    let result = try await program.shell(
      "\"$OPERANT\" data generate arithmetic --rows 3000 | head -n 1 > one; echo ${PIPESTATUS[0]}")
    #expect(result.error == "")
    #expect(result.output == "141\n" || result.output == "0\n")
    #expect(try program.read("one").hasPrefix("{\"id\":"))
  }
}
