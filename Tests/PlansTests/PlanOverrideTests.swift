import Plans
import Records
import Testing

@Suite struct `Overrides of a plan` {
  @Test func `a value on the command line wins over the file, and a later one over an earlier`() throws {
    let text = smallPlan + "\ntraining:\n  steps: 5\n"
    let plan = try read(
      text, overrides: ["training.steps=6", "training.steps=7", "algorithm.kl.coefficient=0.02"]
    ).resolved()
    #expect(plan.training.steps == 7)
    #expect(plan.algorithm.kl.coefficient == 0.02)
  }

  @Test func `free text needs no YAML quoting`() throws {
    let plan = try read(smallPlan, overrides: ["data.system=Answer: yes # or no"]).resolved()
    #expect(plan.data.system == "Answer: yes # or no")
  }

  @Test func `lists and sections are written as in YAML`() throws {
    let plan = try read(
      smallPlan,
      overrides: [
        "sampling.stop=[\"###\", END]", "data.generate={dataset: arithmetic, rows: 10}",
        "training.lora.targets=[q_proj]",
      ]
    ).resolved()
    #expect(plan.sampling.stop == ["###", "END"])
    #expect(plan.data.train == .generated(.arithmetic, rows: 10, seed: 1))
    #expect(plan.training.lora.targets == [.q])
  }

  @Test func `null takes out what the file gives`() throws {
    let text = smallPlan + "\ntraining:\n  method: full\n  lora: {rank: 4}\n"
    #expect(!read(text).isValid)
    #expect(read(text, overrides: ["training.lora=null"]).isValid)
  }

  @Test func `a plateau can be set over off and off over its fields`() throws {
    let off = smallPlan + "\nevaluation: {plateau: off}\n"
    let set = try read(off, overrides: ["evaluation.plateau.patience=4"]).resolved()
    #expect(set.evaluation.plateau?.patience == 4)
    let fields = smallPlan + "\nevaluation: {plateau: {patience: 9}}\n"
    #expect(try read(fields, overrides: ["evaluation.plateau=off"]).resolved().evaluation.plateau == nil)
  }

  @Test func `members of the grader can be set`() throws {
    let reading = read(smallPlan, overrides: ["grader.operation=ilike", "grader.name=other"])
    #expect(reading.plan.grader["operation"] == "ilike")
    #expect(reading.plan.grader["name"] == "other")
  }

  @Test(arguments: [
    (
      "training.steps",
      "--set training.steps: error: expected path=value, for example --set training.steps=100"
    ),
    (
      "training.stesp=3",
      "--set training.stesp=3: error: training.stesp: 'stesp' is not a key of 'training'; did you mean 'steps'?"
    ),
    (
      "training.steps=x",
      "--set training.steps=x: error: training.steps: 'x' was given; expected a whole number of at least 1"
    ),
    (
      "sampling.stop=[",
      "--set sampling.stop=[: error: sampling.stop: this is not YAML: did not find expected node content; indent sections with spaces and put texts that contain ': ' or '#' in quotes"
    ),
    (
      "nothing=null",
      "--set nothing=null: error: nothing: 'nothing' is not a key of a plan; expected one of name, seed, exact, unsafe_no_sandbox, model, data, sampling, grader, algorithm, training, evaluation, limits, defence, checkpoints"
    ),
    (
      "grader.none.x=1",
      "--set grader.none.x=1: error: grader.none.x: the grader has no object there to set 'x' in; check the path"
    ),
  ])
  func `a wrong one is told by its own words`(option: String, expected: String) {
    #expect(read(smallPlan, overrides: [option]).diagnostics.map(\.description) == [expected])
  }
}
