import Records
import Testing

@testable import Graders

@Suite struct ScheduleTests {
  /// What `weights: {a: schedule, b: 1}` makes of an answer that has a and lacks b: w / (w + 1).
  static func weight(_ schedule: String, at moment: GradingMoment) async throws -> Double? {
    let grader = try compiled(
      """
      {"type": "multi", "weights": {"a": \(schedule), "b": 1},
       "graders": {"a": {"type": "regex", "pattern": "a"}, "b": {"type": "regex", "pattern": "b"}}}
      """)
    var sample = try sample("a")
    sample.moment = moment
    return await grader.grade([sample])[0].reward.map { $0 / (1 - $0) }
  }

  @Test(
    arguments: [
      ("3", 7, 3), (#"{"points": [[10, 2], [20, 4]]}"#, 0, 2), (#"{"points": [[10, 2], [20, 4]]}"#, 10, 2),
      (#"{"points": [[10, 2], [20, 4]]}"#, 15, 3), (#"{"points": [[10, 2], [20, 4]]}"#, 20, 4),
      (#"{"points": [[10, 2], [20, 4]]}"#, 99, 4),
      (#"{"points": [[0, 1], [10, 2], [20, 4]], "shape": "stepped"}"#, 9, 1),
      (#"{"points": [[0, 1], [10, 2], [20, 4]], "shape": "stepped"}"#, 10, 2),
      (#"{"points": [[0, 1], [10, 2], [20, 4]], "shape": "stepped"}"#, 19, 2),
      (#"{"by": "step", "points": [[0, 1], [4, 0], [8, 1]]}"#, 6, 0.5),
    ] as [(String, Int, Double)])
  func `a weight follows its points by step`(schedule: String, step: Int, expected: Double) async throws {
    let weight = try #require(try await Self.weight(schedule, at: GradingMoment(step: step)))
    #expect(abs(weight - expected) < 1e-12)
  }

  @Test(
    arguments: [
      ([], 1), ([0.2], 1), ([0.5], 2), ([0.8], 3), ([1], 3), ([0.2, 0.8], 2), ([0, 0, 0.2, 0.8], 2),
    ] as [([Double], Double)])
  func `a weight follows the mean pass rate of its window`(rates: [Double], expected: Double) async throws {
    let schedule = #"{"by": "pass_rate", "points": [[0.2, 1], [0.8, 3]], "window": 2}"#
    let weight = try #require(try await Self.weight(schedule, at: GradingMoment(step: 9, passRates: rates)))
    #expect(abs(weight - expected) < 1e-12)
  }

  @Test func `measured answers and trials get the end of every schedule`() async throws {
    for schedule in [
      #"{"points": [[10, 2], [20, 4]]}"#, #"{"by": "pass_rate", "points": [[0.2, 1], [0.8, 4]]}"#,
    ] {
      let weight = try #require(try await Self.weight(schedule, at: .final))
      #expect(abs(weight - 4) < 1e-12)
    }
    #expect(try sample("x").moment == .final)
  }

  @Test func `a formula may use schedules by name`() async throws {
    let grader = try compiled(
      """
      {"type": "multi", "graders": {"a": {"type": "regex", "pattern": "a"}},
       "schedules": {"w": {"points": [[0, -1], [2, 1]]}}, "calculate_output": "2 + w * a"}
      """)
    var sample = try sample("a")
    var rewards: [Double?] = []
    for step in 0...2 {
      sample.moment = GradingMoment(step: step)
      rewards.append(await grader.grade([sample])[0].reward)
    }
    #expect(rewards == [1, 2, 3])
  }
}

@Suite struct GateTests {
  static let parts = """
    "graders": {"correct": {"type": "regex", "pattern": "yes"}, "safe": {"type": "regex", "pattern": "please"},
                "style": {"type": "length", "unit": "words", "max": 2, "falloff": 4}}
    """

  @Test(
    arguments: [
      (#""gates": {"style": "correct"}"#, "yes", 2), (#""gates": {"style": "correct"}"#, "no", 0),
      (#""gates": {"style": "correct"}"#, "no please", 1),
      (#""gates": {"style": ["correct", "safe"]}"#, "yes", 1),
      (#""gates": {"style": ["correct", "safe"]}"#, "yes please", 3),
      (#""gates": {"style": {"requires": "correct", "at_least": 1}}"#, "yes", 2),
      (#""gates": {"safe": {"requires": "style", "at_least": 0.5}}"#, "please a b c", 0.5 + 1),
      (#""gates": {"safe": {"requires": "style", "at_least": 0.6}}"#, "please a b c", 0.5),
      // A gate looks at what a part earned, whatever that part's own gate says.
      (#""gates": {"style": "safe", "safe": "correct"}"#, "please", 1),
    ] as [(String, String, Double)])
  func `a part counts when what it requires passes`(gates: String, text: String, sum: Double) async throws {
    let grader = try compiled(
      #"{"type": "multi", \#(Self.parts), \#(gates), "calculate_output": "correct + safe + style"}"#)
    #expect(try await grader.reward(text) == sum)
    let weighted = try compiled(
      #"{"type": "multi", \#(Self.parts), \#(gates), "weights": {"correct": 1, "safe": 1, "style": 1}}"#)
    #expect(try await weighted.reward(text) == sum / 3)
  }

  @Test func `a closed gate is reported and leaves the part's own reward visible`() async throws {
    let grader = try compiled(
      #"{"type": "multi", \#(Self.parts), "gates": {"style": "correct"}, "calculate_output": "correct + safe + style"}"#
    )
    let grade = try await grader.grade("no")
    #expect(grade.subRewards == [.init("correct", 0), .init("safe", 0), .init("style", 1)])
    #expect(grade.metrics["style/gate_open"] == 0)
    #expect(try await grader.grade("yes").metrics["style/gate_open"] == 1)
  }

  @Test func `the level of a gate may rise over the steps`() async throws {
    let grader = try compiled(
      """
      {"type": "multi", \(Self.parts), "gates": {"correct": {"requires": "style", "at_least": {"points": [[0, 0], [10, 1]]}}},
       "calculate_output": "correct + 0 * safe + 0 * style"}
      """)
    var sample = try sample("yes a b c")
    var rewards: [Double?] = []
    for step in [0, 5, 6] {
      sample.moment = GradingMoment(step: step)
      rewards.append(await grader.grade([sample])[0].reward)
    }
    #expect(rewards == [1, 1, 0])
  }

  @Test(
    arguments: [
      (#""clip": {"a": [0, 0.5]}"#, 0.5 + 3), (#""clip": {"b": [null, 2]}"#, 1 + 2),
      (#""clip_output": [0, 1]"#, 1),
      (#""clip": {"a": [2, null]}, "clip_output": [null, 4.5]"#, 4.5), (#""clip": {}"#, 4),
    ] as [(String, Double)])
  func `parts and their sum are clipped`(fields: String, expected: Double) async throws {
    let grader = try compiled(
      """
      {"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"},
        "b": {"type": "multi", "graders": {"c": {"type": "regex", "pattern": "x"}}, "calculate_output": "3 * c"}},
       \(fields), "calculate_output": "a + b"}
      """)
    #expect(try await grader.reward("x") == expected)
  }
}

@Suite struct BinaryPhaseTests {
  /// The reward of an answer with half marks at a moment after these pass rates.
  static func reward(_ option: String, _ rates: [Double]?) async throws -> Double? {
    let grader = try compiled(
      """
      {"type": "multi", \(option), "weights": {"a": 1, "b": 1},
       "graders": {"a": {"type": "regex", "pattern": "a"}, "b": {"type": "regex", "pattern": "b"}}}
      """)
    var sample = try sample("a")
    sample.moment = rates.map { GradingMoment(step: $0.count, passRates: $0) } ?? .final
    return await grader.grade([sample])[0].reward
  }

  @Test(
    arguments: [
      ([], true), ([0.9], true), ([0.9, 0.9], true), ([0.6, 0.6, 0.6], false), ([0.6, 0.59, 0.6, 0.6], true),
      ([0.6, 0.59, 0.6, 0.6, 0.6], false),
      // It has held: a later dip changes nothing.
      ([0.7, 0.7, 0.7, 0, 0, 0], false), (nil, false),
    ] as [([Double]?, Bool)])
  func `a reward is binary until the pass rate has held`(rates: [Double]?, isBinary: Bool) async throws {
    #expect(try await Self.reward(#""binary_until": 0.6"#, rates) == (isBinary ? 0 : 0.5))
    #expect(try await Self.reward(#""binary_from": 0.6"#, rates) == (isBinary ? 0.5 : 0))
  }

  @Test func `window, part and level are fields of the longer form`() async throws {
    let window = #""binary_until": {"pass_rate": 0.6, "window": 1}"#
    #expect(try await Self.reward(window, [0.6]) == 0.5)
    #expect(try await Self.reward(#""binary_until": {"pass_rate": 0.6, "part": "a"}"#, []) == 1)
    #expect(try await Self.reward(#""binary_until": {"pass_rate": 0.6, "part": "b"}"#, []) == 0)
    #expect(try await Self.reward(#""binary_until": {"pass_rate": 0.6, "full_marks": 0.5}"#, []) == 1)
  }

  @Test func `full marks that rounding has shaved are full`() async throws {
    let grader = try compiled(
      """
      {"type": "multi", "binary_until": 0.5, "calculate_output": "0.7 * a + 0.2 * b + 0.1 * c", "graders":
        {"a": {"type": "regex", "pattern": "x"}, "b": {"type": "regex", "pattern": "x"}, "c": {"type": "regex", "pattern": "x"}}}
      """)
    let shaved: Double = [0.7, 0.2, 0.1].reduce(0, +)
    #expect(shaved < 1)
    var sample = try sample("x")
    sample.moment = GradingMoment()
    #expect(await grader.grade([sample])[0].reward == 1)
  }
}

@Suite struct NormalisationTests {
  /// Grades answers of "x" and "y", with a part for each.
  static func standings(_ fields: String, _ answers: [String]) async throws -> [Double?] {
    let grader = try compiled(
      """
      {"type": "multi", \(fields),
       "graders": {"x": {"type": "regex", "pattern": "x"}, "y": {"type": "regex", "pattern": "y"}}}
      """)
    return await grader.grade(try answers.map { try sample($0) }).map(\.standing)
  }

  /// The values of the GDPO paper's first example (arXiv 2601.05242): two rewards and two answers. GRPO's advantages
  /// are the same whether one answer is ahead in one reward or in both; GDPO's are not.
  @Test(
    arguments: [
      (["", "x"], "sum", [-0.7071, 0.7071]), (["", "xy"], "sum", [-0.7071, 0.7071]),
      (["x", "xy"], "sum", [-0.7071, 0.7071]),
      (["", "x"], "parts", [-0.7071, 0.7071]), (["", "xy"], "parts", [-1.4142, 1.4142]),
      (["x", "xy"], "parts", [-0.7071, 0.7071]), (["x", "y"], "parts", [0, 0]),
      (["xy", "xy"], "parts", [0, 0]),
      // Three of four have x, one has y: (1 - 0.75) / 0.5 = 0.5 and -1.5; -0.25 / 0.5 = -0.5 and 1.5.
      (["xy", "x", "x", ""], "parts", [2, 0, 0, -2]),
    ] as [([String], String, [Double])])
  func `standings are those documented for GRPO and GDPO`(answers: [String], kind: String, expected: [Double])
    async throws
  {
    let found = try await Self.standings(
      #""weights": {"x": 1, "y": 1}, "normalise": "\#(kind)""#, answers)
    for (found, expected) in zip(found, expected) { #expect(abs(try #require(found) - expected) < 6e-4) }
  }

  @Test func `weights scale each part's standing, and the reward stays what it is`() async throws {
    let fields = #""weights": {"x": 3, "y": 1}, "normalise": "parts""#
    let found = try await Self.standings(fields, ["x", "y"])
    #expect(abs(try #require(found[0]) - (3 - 1) * 0.7071) < 1e-3)
    let grader = try compiled(
      #"{"type": "multi", \#(fields), "graders": {"x": {"type": "regex", "pattern": "x"}, "y": {"type": "regex", "pattern": "y"}}}"#
    )
    #expect(await grader.grade([try sample("x"), try sample("y")]).map(\.reward) == [0.75, 0.25])
  }

  @Test func `nothing is normalised unless it is asked for, nor in the parts of a binary reward`()
    async throws
  {
    #expect(try await Self.standings(#""weights": {"x": 1, "y": 1}"#, ["x", "y"]) == [nil, nil])
    let grader = try compiled(
      """
      {"type": "multi", "weights": {"x": 1, "y": 1}, "normalise": "parts", "binary_until": 0.5,
       "graders": {"x": {"type": "regex", "pattern": "x"}, "y": {"type": "regex", "pattern": "y"}}}
      """)
    var samples = [try sample("x"), try sample("xy")]
    for index in samples.indices { samples[index].moment = GradingMoment() }
    let grades = await grader.grade(samples)
    #expect(grades.map(\.standing) == [nil, nil])
    #expect(grades.map(\.reward) == [0, 1])
  }

  @Test func `an answer whose grading failed is not in its group's mean`() async throws {
    let grader = try compiled(
      """
      {"type": "multi", "calculate_output": "n", "normalise": "sum",
       "graders": {"n": {"type": "string_check", "input": "{{sample.output_text}}", "reference": "{{item.r}}", "operation": "eq"}}}
      """)
    let samples = [
      try sample("x", item: #"{"r": "x"}"#), try sample("y", item: #"{"r": "x"}"#), try sample("x"),
    ]
    let grades = await grader.grade(samples)
    #expect(grades[2].reward == nil && grades[2].standing == nil)
    #expect(abs(try #require(grades[0].standing) - 0.7071) < 1e-3)
  }
}

@Suite struct HeldOutTests {
  static let watched = """
    {"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"},
      "w": {"type": "rules", "held_out": true, "rules": [{"name": "y", "required": "{{item.y}}"}]}}, "calculate_output": "a"}
    """

  @Test func `a held-out part is reported and has no part in the reward`() async throws {
    let grader = try compiled(Self.watched)
    let grade = try await grader.grade("x", item: #"{"y": "q"}"#)
    #expect(grade.reward == 1)
    #expect(grade.subRewards == [.init("a", 1)])
    #expect(grade.heldOut == [.init("w", 0), .init("w/y", 0)])
    #expect(try await grader.grade("q", item: #"{"y": "q"}"#).heldOut == [.init("w", 1), .init("w/y", 1)])
  }

  @Test func `a held-out part that fails leaves the grade whole`() async throws {
    let grade = try await compiled(Self.watched).grade("x")
    #expect(grade.reward == 1)
    #expect(grade.heldOut == [])
    #expect(grade.metrics["w/failed"] == 1)
    #expect(grade.outputTail.hasPrefix("w: invalid_variable_error"))
  }

  @Test func `what is held out inside a part shows outside`() async throws {
    let grader = try compiled(
      #"{"type": "multi", "graders": {"in": \#(Self.watched)}, "weights": {"in": 1}}"#)
    let grade = try await grader.grade("x", item: #"{"y": "x"}"#)
    #expect(grade.heldOut == [.init("in/w", 1), .init("in/w/y", 1)])
    #expect(grade.subRewards == [.init("in", 1), .init("in/a", 1)])
  }

  @Test func `an unreadable answer is flagged by the parts of the reward alone`() async throws {
    let check =
      #"{"type": "string_check", "input": "{{sample.output_json.x}}", "reference": "1", "operation": "eq""#
    let grader = try compiled(
      #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"}, "w": \#(check), "held_out": true}}, "weights": {"a": 1}}"#
    )
    #expect(try await grader.grade("x").metrics == ["w/sample_parse_error": 1])
  }
}

/// The problems of a combination's own fields, all at once and with their places.
@Suite struct CombinationMistakesTests {
  static let parts = """
    "graders": {"a": {"type": "regex", "pattern": "x"}, "b": {"type": "regex", "pattern": "x"},
                "w": {"type": "regex", "pattern": "x", "held_out": true}}
    """

  @Test(
    arguments: [
      (
        #""weights": {"a": 1, "b": 1, "w": 1}"#,
        [
          "grader.weights.w: the part 'w' is held out and cannot be weighted: what is held out has no part in the reward"
        ]
      ),
      (
        #""calculate_output": "a + b + w""#,
        [
          "grader.calculate_output: the part 'w' is held out and cannot stand in the formula: what is held out has no part in the reward"
        ]
      ),
      (
        #""weights": {"a": 1, "b": 1}, "gates": {"a": "w", "b": "b", "c": "a", "w": "a"}"#,
        [
          "grader.gates.c: there is no grader 'c'; the graders are a, b; did you mean 'a'?",
          "grader.gates.w: the part 'w' is held out and cannot be gated: what is held out has no part in the reward",
          "grader.gates.a.requires: the part 'w' is held out and cannot decide whether another counts: what is held out has no part in the reward",
          "grader.gates.b.requires: the part 'b' requires itself; name another part",
        ]
      ),
      (
        #""weights": {"a": 1, "b": 1}, "gates": {"a": {"requires": [], "atleast": 1}}"#,
        [
          "grader.gates.a.atleast: a gate has no key 'atleast'; did you mean 'at_least'?",
          "grader.gates.a.requires: expected the name of a part, or a list of names; found []",
        ]
      ),
      (
        #""weights": {"a": 1, "b": 1}, "clip": {"a": [1, 0], "b": 3}, "clip_output": [null]"#,
        [
          "grader.clip.a: is [1, 0]; expected the lower bound first, and a higher one after it",
          "grader.clip.b: expected a pair of bounds such as [0, 1] or [null, 1], found 3",
          "grader.clip_output: expected a pair of bounds such as [0, 1] or [null, 1], found [null]",
        ]
      ),
      (
        #""weights": {"a": {"points": [[5, 1], [5, -1]], "by": "steps"}, "b": {"points": []}}"#,
        [
          "grader.weights.a.by: 'steps' is not one of step, pass_rate; did you mean 'step'?",
          "grader.weights.b.points: expected a list of pairs such as [[0, 0], [50, 1]], found an empty list",
        ]
      ),
      (
        #""weights": {"a": {"points": [[5, 1], [5, -1]]}, "b": {"points": [[1.5, 1], 3], "by": "pass_rate", "window": 0}}"#,
        [
          "grader.weights.a.points[1]: has the value -1; expected at least 0",
          "grader.weights.a.points[1]: is at 5, not after the point before it; put points in rising order",
          "grader.weights.b.window: is 0; expected at least one step",
        ]
      ),
      (
        #""weights": {"a": {"points": [[0, 0], [5, 1]]}, "b": {"points": [[0, 0], [9, 1]]}}"#,
        ["grader.weights: may all be 0 at the same time; at least one must be above 0 at every moment"]
      ),
      (#""weights": {"a": {"points": [[0, 0], [5, 1]]}, "b": {"points": [[0, 1], [5, 0]]}}"#, []),
      (
        #""weights": {"a": {"points": [[0, 0], [5, 1]]}, "b": {"by": "pass_rate", "points": [[0, 1], [1, 0]]}}"#,
        ["grader.weights: may all be 0 at the same time; at least one must be above 0 at every moment"]
      ),
      (
        #""calculate_output": "a + b", "normalise": "parts", "binary_until": 1.5, "binary_from": 1"#,
        [
          "grader.binary_from: given beside 'binary_until'; a reward is binary before or after, keep one",
          "grader.normalise: 'parts' needs 'weights': a formula of normalised parts means something else",
        ]
      ),
      (
        #""calculate_output": "a + b", "normalize": "sum", "binary_until": {"part": "w", "window": 0, "pass_rate": 1.5}"#,
        [
          "grader.normalize: a multi grader has no key 'normalize'; did you mean 'normalise'?",
          "grader.binary_until.window: is 0; expected at least one step",
          "grader.binary_until.part: the part 'w' is held out and cannot decide the reward: what is held out has no part in the reward",
          "grader.binary_until.pass_rate: is 1.5; expected a share above 0 and at most 1",
        ]
      ),
      (
        #""calculate_output": "a + b * s", "schedules": {"s": 1, "a": 2, "t": 3}"#,
        [
          "grader.schedules.a: 'a' is also the name of a grader; names must differ",
          "warning: grader.calculate_output: does not use the schedule 't'",
        ]
      ),
      (
        #""weights": {"a": 1, "b": 1}, "schedules": {"s": 1}"#,
        ["grader.schedules: are for a formula; a weight may be a schedule itself"]
      ),
    ] as [(String, [String])])
  func `every problem is reported with its place`(fields: String, expected: [String]) throws {
    #expect(try problems(#"{"type": "multi", \#(Self.parts), \#(fields)}"#) == expected)
  }

  @Test func `a binary phase that brevity would never let end is warned of`() throws {
    let parts =
      #""graders": {"a": {"type": "regex", "pattern": "x"}, "b": {"type": "brevity", "among": "a"}}, "weights": {"a": 1, "b": 1}"#
    #expect(
      try problems(#"{"type": "multi", \#(parts), "binary_until": 0.5}"#) == [
        "warning: grader.binary_until: waits for full marks of the whole reward, which 'b' keeps from most answers; name a 'part'"
      ])
    #expect(
      try problems(#"{"type": "multi", \#(parts), "binary_until": {"pass_rate": 0.5, "part": "a"}}"#) == [])
  }

  @Test func `only a part can be held out, and not all of them`() throws {
    #expect(
      try problems(#"{"type": "regex", "pattern": "x", "held_out": true}"#) == [
        "grader.held_out: only a part of a multi grader can be held out, since a run needs a reward; put it into one"
      ])
    #expect(try problems(#"{"type": "regex", "pattern": "x", "held_out": false}"#) == [])
    #expect(
      try problems(
        #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x", "held_out": true}}, "weights": {}}"#
      )
        == ["grader.graders: are all held out; the reward needs at least one that is not"])
  }

  @Test func `a combination inside another cannot normalise`() throws {
    let inner =
      #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"}}, "weights": {"a": 1}, "normalise": "sum"}"#
    #expect(
      try problems(#"{"type": "multi", "graders": {"i": \#(inner)}, "weights": {"i": 1}}"#) == [
        "grader.graders.i.normalise: has no effect inside another multi grader; give it to the outermost one"
      ])
  }
}
