import Testing

@testable import Gateway

struct ServingStateTests {
  @Test func `a request that is dropped without an end is no longer under way`() {
    let state = ServingState()
    let turn = state.begin(nil)
    _ = state.begin(nil)
    #expect(state.underWay == 1)
    turn.end()
    #expect(state.underWay == 0)
  }
}
