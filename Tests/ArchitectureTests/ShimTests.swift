import Testing

/// The C shim holds what Swift uses, and no more.
struct ShimTests {
  @Test func `every function of the shim has a Swift caller`() throws {
    let header = try #require(
      try SourceTree.files(below: "Sources/CTorch", "h").first { $0.name == "ctorch" })
    let functions = header.code.matches(of: #/(?m)^[a-z0-9_]+ \*?(ct_[a-z0-9_]+)\(/#).map { String($0.1) }
    #expect(functions.count >= 35)
    let callers = try SourceTree.files(below: "Sources/Torch", "swift").map(\.code).joined(separator: "\n")
    for function in functions {
      #expect(callers.contains(try Regex("\\b\(function)\\(")), "\(function) has no caller in Sources/Torch")
    }
  }

  @Test func `the shim defines what its header declares`() throws {
    let header = try #require(
      try SourceTree.files(below: "Sources/CTorch", "h").first { $0.name == "ctorch" })
    let sources = try SourceTree.files(below: "Sources/CTorch", "cpp").map(\.code).joined(separator: "\n")
    for match in header.code.matches(of: #/(?m)^[a-z0-9_]+ \*?ct_([a-z0-9_]+)\(/#) {
      let plain = try Regex("(?m)^(extern \"C\" )?[a-z0-9_]+ \\*?ct_\(match.1)\\(")
      let short = try Regex("CT_OP\\(\\s*\(match.1),")
      #expect(sources.contains(plain) || sources.contains(short), "ct_\(match.1)")
    }
  }

  @Test func `every fallible function of the shim catches everything`() throws {
    let catching = try #require(
      try SourceTree.files(below: "Sources/CTorch", "h").first { $0.name == "guard" })
    #expect(catching.code.contains("catch (...)"))
    var seen = 0
    for file in try SourceTree.files(below: "Sources/CTorch", "cpp") {
      for match in file.code.matches(of: #/(?ms)^(?:extern "C" )?bool (ct_\w+)\(([^{]*)\) \{\s*(.{0,40})/#)
      where match.2.contains("ct_error") {
        #expect(match.3.hasPrefix("return guard(error,"), "\(file): \(match.1)")
        seen += 1
      }
    }
    #expect(seen >= 20)
  }
}
