import Gateway
import Store
import Testing

@testable import OpenAIShape

struct RequestQueryTests {
  @Test func `names and values are decoded`() throws {
    let query = try RequestQuery(text: "metadata%5Bteam%5D=a+b%26c&limit=5&empty=&bare")
    #expect(query["metadata[team]"] == "a b&c")
    #expect(query["empty"] == nil && query["bare"] == nil)
    #expect(try query.page(limit: 20, highest: 100).limit == 5)
    #expect(throws: APIFailure.self) { try RequestQuery(text: "a=%FF") }
  }

  @Test func `limits and orders are those of the API, in both spellings`() throws {
    let cases: [(String, limit: Int?, ascending: Bool)] = [
      ("", 20, false), ("limit=200", 100, false), ("limit=0", nil, false), ("limit=x", nil, false),
      ("order=asc", 20, true), ("order=ascending", 20, true), ("order=descending", 20, false),
      ("order=up", nil, false),
    ]
    for (text, limit, ascending) in cases {
      let query = try RequestQuery(text: text)
      guard let limit else {
        #expect(throws: APIFailure.self, "\(text)") { try query.page(limit: 20, highest: 100) }
        continue
      }
      let page = try query.page(limit: 20, highest: 100)
      #expect(page.limit == limit && page.ascending == ascending, "\(text)")
    }
  }

  @Test func `a filter of metadata has pairs, or asks for none`() throws {
    func filter(_ text: String) throws -> MetadataFilter? { try MetadataFilter(RequestQuery(text: text)) }
    #expect(try filter("limit=3") == nil)
    #expect(try filter("metadata=null") == MetadataFilter.none)
    #expect(try filter("metadata%5Ba%5D=1&metadata[b]=2") == .pairs(["a": "1", "b": "2"]))
    #expect(throws: APIFailure.self) { try filter("metadata=all") }
  }
}
