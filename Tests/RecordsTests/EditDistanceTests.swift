import Records
import Testing

@Suite struct `Edit distance` {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("steps", "steps", 0), ("stesp", "steps", 1), ("grop", "grpo", 1),
    ("kitten", "sitting", 3), ("ca", "abc", 3),
  ])
  func `counts insertions, deletions, replacements and swaps`(a: String, b: String, distance: Int) {
    #expect(EditDistance.between(a, b) == distance)
    #expect(EditDistance.between(b, a) == distance)
  }

  @Test func `only a near name is suggested`() {
    let names = ["steps", "schedule", "method"]
    #expect(EditDistance.nearest(to: "step", among: names) == "steps")
    #expect(EditDistance.nearest(to: "Sche-dule", among: names) == "schedule")
    #expect(EditDistance.nearest(to: "colour", among: names) == nil)
    #expect(EditDistance.nearest(to: String(repeating: "s", count: 1000), among: names) == nil)
  }
}
