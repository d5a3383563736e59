import Records
import Testing

@testable import Inference

struct JSONWalkerTests {
  private static func accepts(_ text: String) -> Bool {
    var walker = JSONWalker()
    for (place, byte) in text.utf8.enumerated() {
      switch walker.take(byte) {
      case .going: continue
      case .whole: return place == text.utf8.count - 1
      case .broken: return false
      }
    }
    return false
  }

  @Test func `it accepts what the parser accepts, in documents with a byte changed`() {
    let documents = [
      "{}", "{\"a\":[1,-2.5e+3,0,true,false,null,\"x\\u00e9\\n\"]}", "[[],{},[{\"b\":{}}],0.5]",
      "{\"a\" : {\"b\" : \"\\\"\"} , \"c\":-0}",
    ]
    let bytes = Array("{}[]:,\"\\ 019-+.eEtrufalsn/x".utf8)
    var checked = 0
    for document in documents {
      #expect(Self.accepts(document))
      let original = Array(document.utf8)
      for place in original.indices {
        for byte in bytes {
          for change in 0..<3 {
            var changed = original
            switch change {
            case 0: changed[place] = byte
            case 1: changed.insert(byte, at: place)
            default: changed.remove(at: place)
            }
            let text = String(decoding: changed, as: UTF8.self)
            // Spaces behind the end are not ours, and how large a number may be is the parser's business.
            guard text.utf8.last != 0x20, !text.contains("e+310"), !text.contains("e+390") else { continue }
            let parsed = try? JSONValue(parsing: text)
            let isDocument = parsed?.object != nil || parsed?.array != nil
            #expect(Self.accepts(text) == isDocument, "\(text)")
            checked += 1
          }
        }
      }
    }
    #expect(checked > 5000)
  }
}
