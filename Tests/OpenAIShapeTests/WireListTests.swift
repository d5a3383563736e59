import OpenAIShape
import Records
import Testing

struct WireListTests {
  @Test func `a list names its ends, and an empty one has none`() {
    let item = JSONValue.object(JSONObject([("id", .string("a"))]))
    #expect(
      WireList.json([item], hasMore: true).serialised()
        == #"{"object":"list","data":[{"id":"a"}],"first_id":"a","last_id":"a","has_more":true}"#)
    #expect(
      WireList.json([], hasMore: false).serialised()
        == #"{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}"#)
  }
}
