import Foundation
import Plans
import Records
import Testing

@Suite struct `Reading a plan` {
  @Test func `the least plan takes every default`() throws {
    let plan = try read(smallPlan).resolved()
    #expect(plan.data.train == .generated(.supportReply, rows: 600, seed: 1))
    #expect(plan.model == ModelPlan())
    #expect(plan.sampling == SamplingPlan())
    #expect(plan.algorithm == AlgorithmPlan())
    #expect(plan.training == TrainingPlan())
    #expect(plan.evaluation == EvaluationPlan())
    #expect(plan.limits == LimitsPlan())
    #expect(plan.checkpoints == CheckpointPlan())
    #expect(plan.seed == 0)
    #expect(plan.exact)
  }

  @Test func `a plan is exact unless it says no`() throws {
    #expect(try read(smallPlan + "\nexact: true").resolved().exact)
    #expect(try !read(smallPlan + "\nexact: false").resolved().exact)
    #expect(try !read(smallPlan, overrides: ["exact=false"]).resolved().exact)
  }

  @Test(arguments: [
    ("grpo", Aggregation.sequence, AdvantageScale.group, 0.2, TruncatedEpisodes.keep),
    ("dr_grpo", .fixedLength, .off, 0.2, .keep),
    ("dapo", .token, .group, 0.28, .mask),
    ("rloo", .sequence, .off, 0.2, .keep),
  ])
  func `an algorithm's name chooses its defaults`(
    name: String, aggregation: Aggregation, scale: AdvantageScale, clipHigh: Double,
    truncated: TruncatedEpisodes
  ) throws {
    let algorithm = try read(smallPlan + "\nalgorithm:\n  name: \(name)\n").resolved().algorithm
    #expect(algorithm.name.rawValue == name)
    #expect(algorithm.aggregation == aggregation)
    #expect(algorithm.scale == scale)
    #expect(algorithm.clipLow == 0.2)
    #expect(algorithm.clipHigh == clipHigh)
    #expect(algorithm.truncated == truncated)
  }

  @Test func `a given field overrides the algorithm's default wherever it stands`() throws {
    let text = smallPlan + "\nalgorithm: {clip_high: 0.3, scale: off, name: dapo}\n"
    let algorithm = try read(text).resolved().algorithm
    #expect(algorithm.clipHigh == 0.3)
    #expect(algorithm.scale == .off)
    #expect(algorithm.aggregation == .token)
  }

  @Test func `full fine-tuning learns ten times slower unless told otherwise`() throws {
    #expect(
      try read(smallPlan + "\ntraining: {method: full}").resolved().training.learningRate == 1e-5)
    let explicit = try read(smallPlan + "\ntraining: {method: full, learning_rate: 3e-4}").resolved()
    #expect(explicit.training.learningRate == 3e-4)
  }

  @Test func `a plateau is off by word, by zero measurements, or set by its fields`() throws {
    #expect(try read(smallPlan + "\nevaluation: {plateau: off}").resolved().evaluation.plateau == nil)
    #expect(try read(smallPlan + "\nevaluation: {every: 0}").resolved().evaluation.plateau == nil)
    let set = try read(smallPlan + "\nevaluation:\n  plateau:\n    patience: 5").resolved()
    #expect(set.evaluation.plateau == PlateauPlan(patience: 5, minimumGain: 0.01))
  }

  @Test func `the grader keeps the order and the types it was written with`() throws {
    let text = """
      data: {generate: {dataset: arithmetic, rows: 50, seed: 9}}
      grader:
        type: multi
        name: both
        graders:
          z: {type: python, name: z, source: "x = 1", weight: 1.0}
          a: {type: length, limit: 3, exact: true, text: off, none: null}
        calculate_output: z + a
      """
    let grader = try #require(read(text).plan.grader.object)
    #expect(grader.keys == ["type", "name", "graders", "calculate_output"])
    #expect(grader["graders"]?.object?.keys == ["z", "a"])
    #expect(grader["graders"]?["z"]?["weight"] == .number(1))
    let a = grader["graders"]?["a"]
    #expect(a?["limit"] == .integer(3))
    #expect(a?["exact"] == .bool(true))
    #expect(a?["text"] == .string("off"))
    #expect(a?["none"] == .null)
  }

  @Test func `paths begin at the plan's folder and those of an override at the caller's`() throws {
    try withFolder { folder in
      let data = folder + "/rows.jsonl"
      try "{}\n".write(toFile: data, atomically: true, encoding: .utf8)
      try #"{"type": "string_check", "name": "n"}"#.write(
        toFile: folder + "/grader.json", atomically: true, encoding: .utf8)
      let plan = """
        data: {train: rows.jsonl}
        model: {source: ../tiny.gguf}
        grader: grader.json
        """
      let reading = PlanReader(file: "p.yaml", folder: folder + "/.", callerFolder: "/nowhere").read(plan)
      #expect(reading.plan.data.train == .file(data))
      #expect(reading.plan.grader["type"] == "string_check")
      let parent = URL(filePath: folder).deletingLastPathComponent().path
      #expect(reading.plan.model.source == parent + "/tiny.gguf")
      let overridden = PlanReader(file: "p.yaml", folder: "/nowhere", callerFolder: folder)
        .read(smallPlan, overrides: ["data.train=rows.jsonl"])
      #expect(overridden.plan.data.train == .file(data))
      #expect(overridden.isValid)
    }
  }

  @Test func `a run is named after its file, or after the folder of plan.yaml`() {
    #expect(read(smallPlan, folder: "/home/support-reply").plan.name == "support-reply")
    let other = PlanReader(file: "recipes/short.yaml", folder: "/recipes").read(smallPlan)
    #expect(other.plan.name == "short")
  }

  @Test func `a known model's name is no path`() throws {
    #expect(try read(smallPlan).resolved().model.source == "smollm2-135m-instruct")
    let given = read(smallPlan + "\nmodel: {source: smollm2-135m-instruct}")
    #expect(given.plan.model.source == "smollm2-135m-instruct")
  }

  @Test func `a file that is not there is told of`() {
    let reading = PlanReader.read(file: "/nowhere/plan.yaml")
    #expect(
      reading.diagnostics.map(\.description) == [
        "/nowhere/plan.yaml: error: the plan cannot be read; check that the file is there and may be read"
      ])
  }
}
