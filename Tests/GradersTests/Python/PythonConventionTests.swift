import Foundation
import Graders
import Records
import Testing

/// Conventions and errors, with the interpreter's own library alone.
struct PythonConventionTests {
  @Test(arguments: [
    ("def grade(sample, item):\n    return len(sample['output_text']) / item['limit']", [0.5, 1.5]),
    (
      "async def grade(sample, item):\n    return float(sample['choices'][0]['message']['content'] == 'abcde')",
      [1, 0]
    ),
    ("def score(sample, item):\n    return item['messages'][0]['content'].count('1')", [2, 2]),
    (
      "def compute_score(data_source, solution_str, ground_truth, extra_info=None):\n    return solution_str == ground_truth",
      [1, 0]
    ),
    (
      "def compute_score(solution_strs, ground_truths):\n    return [{'score': len(s)} for s in solution_strs]",
      [5, 15]
    ),
    (
      "def reward(completions, answer, **kwargs):\n    return [c[0]['content'] == a for c, a in zip(completions, answer)]",
      [1, 0]
    ),
    (
      "def a(completions, completion_ids):\n    return [len(i) for i in completion_ids]\ndef _hidden(completions): pass",
      [5, 15]
    ),
    (
      """
      import json
      def lambda_handler(event, context):
          scores = [{"id": s["id"], "aggregate_reward_score": len(s["messages"][-1]["content"])} for s in event]
          return {"statusCode": 200, "body": json.dumps(scores[::-1])}
      """, [5, 15]
    ),
  ])
  func `a function's signature says how it is called`(source: String, rewards: [Double]) async throws {
    let name = source.contains("def score(") ? ["function": "score"] : [:] as JSONValue
    let grades = try await RewardFile(source).grader(name)
      .grade(group(["abcde", "abcdefghijklmno"], item: ["limit": 10, "answer": "abcde"]))
    #expect(grades.map(\.outcomeText) == rewards.map { "\($0)" })
  }

  @Test(arguments: [
    ("    raise ValueError('no')", "raised"),
    ("    return None", "wrong_type"),
    ("    return '1'", "wrong_type"),
    ("    return float('nan')", "not_finite"),
    ("    return 10 ** 400", "wrong_type"),
    ("    return float('inf')", "not_finite"),
    ("    import sys; sys.exit(0)", "raised"),
    ("    import time; time.sleep(30)", "time_out"),
    ("    while True: pass", "time_out"),
    ("    try:\n        while True: pass\n    except BaseException:\n        return 1", "time_out"),
    ("    return len([0] * 10 ** 10)", "memory"),
    ("    import os; os._exit(0)", "raised"),
    ("    import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "killed"),
  ])
  func `what goes wrong with one sample stays with it and is no zero`(body: String, cause: String)
    async throws
  {
    let file = try RewardFile(
      """
      def grade(sample, item):
          if sample["output_text"] != "bad": return 1
      \(body)
      """)
    let grades = try await file.grader(["timeout": cause.contains("time_out") ? 1 : 30, "memory_mb": 256])
      .grade(
        group(["good", "bad", "fine"]))
    #expect(grades.map(\.outcomeText) == ["1.0", cause, "1.0"])
  }

  @Test func `a failure says where in the user's file it came from`() async throws {
    let file = try RewardFile("def grade(sample, item):\n    x = {}\n    return x['missing']")
    let failure = try await file.grader().grade(group(["a"]))[0].failure
    #expect(failure?.kind == .pythonRuntime)
    #expect(failure?.message.contains("raised KeyError: 'missing'") == true)
    #expect(failure?.message.contains("rewards.py, line 3, in grade") == true)
  }

  @Test(arguments: [
    ("x = 1", "no reward function was found"),
    (
      "def grade(sample, item): pass\ndef compute_score(solution_str): pass",
      "the file has grade and compute_score"
    ),
    ("def a(completions): pass\ndef b(completions): pass", "the file has 2 reward functions: a, b"),
    ("import no_such_package", "raised ModuleNotFoundError: No module named 'no_such_package'"),
  ])
  func `a file that cannot be used fails every sample with the reason`(source: String, reason: String)
    async throws
  {
    let grades = try await RewardFile(source).grader().grade(group(["a", "b"]))
    #expect(grades.count == 2)
    for grade in grades { #expect(grade.failure?.message.contains(reason) == true, "\(grade.outcome)") }
  }

  @Test func `a named function that is not there is answered with those that are`() async throws {
    let file = try RewardFile("def fine(sample, item): return 1")
    let grade = try await file.grader(["function": "fin"]).grade(group(["a"]))[0]
    #expect(grade.failure?.message.contains("has no function 'fin'; it has fine") == true)
  }

  @Test func `None is not applicable, alone a failure, and beside others one voice less`() async throws {
    let file = try RewardFile(
      """
      def even(completions, **kwargs):
          return [1.0 if len(c[0]["content"]) % 2 == 0 else None for c in completions]
      def long(completions, **kwargs):
          return [len(c[0]["content"]) / 10 if len(c[0]["content"]) > 2 else None for c in completions]
      """)
    let samples = group(["ab", "abc", "abcd", "a"])
    let alone = try await file.grader(["function": "even"]).grade(samples)
    #expect(alone.map(\.outcomeText) == ["1.0", "not_applicable", "1.0", "not_applicable"])
    #expect(alone.map(\.isNotApplicable) == [false, true, false, true])
    let both = try await file.grader(["function": ["even", "long"], "weights": [2, 10]]).grade(samples)
    #expect(both.map(\.outcomeText) == ["2.0", "3.0", "6.0", "not_applicable"])
    #expect(both.map(\.parts) == [["even": 1], ["long": 0.3], ["even": 1, "long": 0.4], [:]])
  }

  @Test
  func `a part that does not apply is left out of a weighted mean, and a formula has no value without it`()
    async throws
  {
    let file = try RewardFile(
      "def even(completions): return [0.5 if len(c[0]['content']) % 2 == 0 else None for c in completions]")
    let even: JSONValue = ["type": "python_function", "file": .string(file.path)]
    let short: JSONValue = ["type": "length", "unit": "characters", "max": 3]
    let samples = group(["ab", "abc", "abcd"])
    let mean = try GraderCompiler.compile(
      ["type": "multi", "graders": ["even": even, "short": short], "weights": ["even": 3, "short": 1]],
      surroundings: pythonSurroundings)
    let means = await mean.grade(samples)
    #expect(means.map(\.outcomeText) == ["0.625", "1.0", "0.375"])
    #expect(means.map(\.parts) == [["even": 0.5, "short": 1], ["short": 1], ["even": 0.5, "short": 0]])
    let formula = try GraderCompiler.compile(
      ["type": "multi", "graders": ["even": even, "short": short], "calculate_output": "even + short"],
      surroundings: pythonSurroundings)
    #expect(await formula.grade(samples).map(\.outcomeText) == ["1.5", "not_applicable", "0.5"])
    let alone = try GraderCompiler.compile(
      ["type": "multi", "graders": ["even": even], "weights": ["even": 3]], surroundings: pythonSurroundings)
    #expect(await alone.grade(samples).map(\.outcomeText) == ["0.5", "not_applicable", "0.5"])
  }

  @Test func `a batched function that raises fails its whole group`() async throws {
    let file = try RewardFile(
      "def f(completions):\n    return [1 / (len(c[0]['content']) - 1) for c in completions]")
    let grades = try await file.grader().grade(group(["abc", "a"]))
    #expect(grades.map(\.outcomeText) == ["raised", "raised"])
  }

  @Test(arguments: [
    ("[1]", "returned 1 rewards for 2 samples"), ("1.0", "expected a list"), ("'ab'", "expected a list"),
    ("None", "expected a list"),
  ])
  func `a batched function must return one reward a sample`(value: String, reason: String) async throws {
    let grades = try await RewardFile("def f(completions): return \(value)").grader().grade(
      group(["abc", "a"]))
    for grade in grades { #expect(grade.failure?.message.contains(reason) == true, "\(grade.outcome)") }
  }

  @Test func `logged values of TRL and extras of verl are metrics`() async throws {
    let trl = try RewardFile(
      """
      def f(completions, trainer_state, log_extra, log_metric, **kwargs):
          log_extra("length", [len(c[0]["content"]) for c in completions])
          log_extra("text", [c[0]["content"] for c in completions])
          log_metric("step", trainer_state.global_step)
          return [0.0] * len(completions)
      """)
    #expect(
      try await trl.grader().grade(group(["ab", "c"], step: 7)).map(\.metrics) == [
        ["length": 2, "step": 7], ["length": 1, "step": 7],
      ])
    let verl = try RewardFile(
      "def compute_score(solution_str, extra_info, bonus): return {'score': bonus, 'right': True, 'note': '1'}"
    )
    let grade = try await verl.grader(["kwargs": ["bonus": 0.25]]).grade(group(["a"]))[0]
    #expect(grade.reward == 0.25 && grade.metrics == ["right": 1])
  }

  @Test func `a schedule on what the trainer does not tell is a failure, not a guess`() async throws {
    let file = try RewardFile(
      "def f(completions, trainer_state, **kwargs): return [trainer_state.max_steps] * len(completions)")
    let grade = try await file.grader().grade(group(["a"]))[0]
    #expect(grade.failure?.message.contains("trainer_state.max_steps is not known to a grader") == true)
  }

  @Test func `plain prompts and completions are handed over as text where the definition says so`()
    async throws
  {
    let file = try RewardFile(
      "def f(prompts, completions): return [len(p + c) for p, c in zip(prompts, completions)]")
    #expect(try await file.grader(["form": "text"]).grade(group(["ab"]))[0].reward == 16)
  }

  @Test func `a row without a reference is verl's failure to name, not the model's zero`() async throws {
    let file = try RewardFile("def compute_score(solution_str, ground_truth): return 1")
    let failure = try await file.grader().grade(group(["a"]))[0].failure
    #expect(failure?.kind == .invalidVariable)
    for column in ["ground_truth", "reference_answer", "answer", "solution"] {
      #expect(
        try await file.grader().grade(group(["a"], item: .object(JSONObject([(column, .string("x"))]))))[0]
          .reward == 1
      )
    }
  }

  @Test(arguments: [
    ("{'statusCode': 500, 'body': 'down'}", "http_status"),
    ("{'errorMessage': 'no', 'errorType': 'KeyError'}", "raised"),
    ("{'statusCode': 200, 'body': '{'}", "malformed"),
    ("[{'id': 'other', 'aggregate_reward_score': 1}]", "malformed"),
    ("[{'id': e['id'], 'score': 1} for e in event]", "malformed"),
    ("[{'id': e['id'], 'aggregate_reward_score': 'high'} for e in event]", "wrong_type"),
    ("[{'aggregate_reward_score': 3} for e in event]", "3.0"),
    ("{'body': [{'id': e['id'], 'aggregate_reward_score': 2} for e in event]}", "2.0"),
  ])
  func `a handler's answer is read in every form that is in use, or refused`(answer: String, outcome: String)
    async throws
  {
    let grades = try await RewardFile("def lambda_handler(event, context):\n    return \(answer)").grader()
      .grade(group(["a", "b"]))
    #expect(grades.map(\.outcomeText) == [outcome, outcome])
  }

  @Test func `a handler finds the reference beside the messages and in the metadata`() async throws {
    let file = try RewardFile(
      """
      def lambda_handler(event, context):
          return [{"id": s["id"], "aggregate_reward_score": s["reference_answer"] == s["metadata"]["reference_answer"],
                   "metrics_list": [{"name": "hints", "value": s["metadata"]["hints"], "type": "Reward"},
                                    {"name": "wrapped", "value": str(len(s["reference_answer"]["text"])), "type": "Metric"}]}
                  for s in event]
      """)
    let item: JSONValue = ["reference_answer": "42", "metadata": ["hints": 3]]
    let grade = try await file.grader(["reference_form": "text_object"]).grade(group(["a"], item: item))[0]
    #expect(grade.reward == 1 && grade.parts == ["hints": 3] && grade.metrics == ["wrapped": 2])
  }

  @Test func `a file may import its neighbours, and packages that share its own name`() async throws {
    let file = try RewardFile(
      "import json, neighbour\ndef grade(sample, item): return neighbour.two + json.loads('1')",
      name: "json.py")
    try "two = 2".write(toFile: file.folder + "/neighbour.py", atomically: false, encoding: .utf8)
    #expect(try await file.grader().grade(group(["a"]))[0].reward == 3)
  }

  @Test func `nothing of one call is left in the next`() async throws {
    let file = try RewardFile(
      "calls = 0\ndef grade(sample, item):\n    global calls\n    calls += 1\n    return calls")
    let grader = try file.grader()
    for _ in 0..<3 { #expect(await grader.grade(group(["a"]))[0].reward == 1) }
  }

  @Test func `what a function prints is kept and has no part in the verdict`() async throws {
    let file = try RewardFile("def grade(sample, item):\n    print('{\"reward\": 100}')\n    return 0.5")
    let grade = try await file.grader().grade(group(["a"]))[0]
    #expect(grade.reward == 0.5 && grade.outputTail.contains("100"))
  }
}
