import Jobs
import Records
import Store
import Testing

struct JobOrderTests {
  @Test func `an order leaves every choice to us unless it says otherwise`() {
    let order = JobOrder(
      id: "ftjob-1", projectID: "proj_1", shape: .openai, request: .null, model: "m", trainingPath: "/t",
      grader: .null)
    #expect(order.choices == TuningChoices())
    #expect(order.choices.batchSize == nil)
  }
}
