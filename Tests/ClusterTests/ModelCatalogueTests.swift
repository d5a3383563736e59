import Cluster
import Testing

struct ModelCatalogueTests {
  @Test func `a name comes before an alias of the same spelling`() {
    let catalogue = ModelCatalogue([
      .init(name: "small", source: "/a", aliases: ["gpt-4o-mini", "large"]),
      .init(name: "large", source: "/b"),
    ])
    #expect(catalogue.entry("gpt-4o-mini")?.name == "small")
    #expect(catalogue.entry("large")?.name == "large")
    #expect(catalogue.entry("none") == nil)
  }
}
