import Testing

/// Which target may import which: one direction, and libtorch behind one door.
///
/// SwiftPM does not catch an import of a sibling that happens to be built already.
struct ImportTests {
  /// The table of ARCHITECTURE.md: change both in one commit, and say why there. System modules and packages from outside are not in it.
  static let table: [String: Set<String>] = [
    "Records": [],
    "Checkpoints": ["Records", "CZlib"],
    "Datasets": ["Records"],
    "Tokenization": ["Records", "Checkpoints"],
    "Graders": ["Records"],
    "Constraints": ["Records"],
    "CreditAssignment": ["Records"],
    "Rollouts": ["Records", "Tokenization"],
    "Plans": ["Records", "Datasets", "Graders"],
    "Monitoring": ["Records", "Graders"],
    "CTorch": [],
    "CZlib": [],
    "CCrypto": [],
    "Torch": ["CTorch"],
    "LanguageModels": ["Torch", "Records", "Checkpoints"],
    "Training": ["LanguageModels", "Torch", "CreditAssignment", "Checkpoints", "Records"],
    "Runs": [
      "Records", "Checkpoints", "Datasets", "Tokenization", "Graders", "CreditAssignment", "Rollouts",
      "Monitoring", "Constraints", "Torch", "LanguageModels", "Training",
    ],
    "Store": ["Records", "CCrypto"],
    "Cluster": ["Records", "Checkpoints"],
    "Inference": ["Records", "Checkpoints", "Tokenization", "Cluster"],
    "Jobs": [
      "Records", "Checkpoints", "Datasets", "Graders", "Plans", "Monitoring", "Tokenization", "Store",
      "Cluster",
    ],
    "Gateway": ["Records", "Store", "CCrypto"],
    "OpenAIShape": [
      "Records", "Datasets", "Graders", "Store", "Gateway", "Jobs", "Inference", "Cluster",
    ],
    "BedrockShape": [
      "Records", "Datasets", "Graders", "Store", "Gateway", "Jobs", "Inference", "Cluster", "CZlib",
    ],
    // Plans for its reading of YAML: settings are checked like plans.
    "Service": [
      "Records", "Checkpoints", "Graders", "Plans", "Store", "Cluster", "Inference", "Jobs", "Gateway",
      "OpenAIShape", "BedrockShape",
    ],
    "operant": [
      "Records", "Checkpoints", "Datasets", "Tokenization", "Graders", "Plans", "Monitoring", "Cluster",
      "Store", "Jobs", "Service",
    ],
    "operant-worker": ["Runs", "Records"],
    "operant-bench": ["Runs", "Records", "LanguageModels", "Torch"],
    "operant-sandbox-bench": ["Graders", "Records"],
    "DeviceChecks": ["Training", "LanguageModels", "Torch", "CreditAssignment", "Checkpoints", "Records"],
    "operant-gpu-check": ["DeviceChecks", "Torch"],
    "OperantTesting": ["Records", "Rollouts"],
    "GatewayTesting": ["Gateway"],
  ]

  /// Targets that must be usable without libtorch.
  static let torchFree = [
    "Records", "Checkpoints", "Datasets", "Tokenization", "Graders", "Constraints", "CreditAssignment",
    "Rollouts",
    "Plans",
    "Monitoring", "Store", "Cluster", "Inference", "Jobs", "Gateway", "OpenAIShape", "BedrockShape",
    "Service",
    "operant", "OperantTesting", "GatewayTesting",
  ]

  @Test func `every folder of Sources has a row`() throws {
    #expect(Set(try SourceTree.folders(below: "Sources")).subtracting(Self.table.keys) == [])
  }

  @Test func `the table has no circle, and nothing in it is unknown`() {
    for (target, imports) in Self.table {
      #expect(imports.isSubset(of: Self.table.keys), "\(target)")
      #expect(!Self.reach(of: target).contains(target), "\(target)")
    }
  }

  @Test func `no file imports one of our modules that its target's row does not name`() throws {
    let files =
      try SourceTree.files(below: "Sources", "swift") + SourceTree.files(below: "Benchmarks", "swift")
    #expect(files.count > 50)
    #expect(files.contains { $0.target == "operant-bench" })
    for file in files {
      for module in file.imports where Self.table[module] != nil {
        #expect(Self.table[file.target]?.contains(module) == true, "\(file) imports \(module)")
      }
    }
  }

  @Test func `the manifest declares no more than the table allows`() throws {
    let manifest = try #require(try SourceTree.text("Package.swift"))
    var seen = 0
    for match in manifest.matches(of: #/(?:stage|program)\(\s*"([\w-]+)"(?:,\s*imports:\s*\[([^\]]*)\])?/#) {
      let declared = (match.2 ?? "").split(separator: ",").map {
        $0.trimmingPrefix(while: { !$0.isLetter }).prefix { $0 != "\"" }
      }.filter { !$0.isEmpty }
      let allowed = try #require(Self.table[String(match.1)], "\(match.1)")
      #expect(Set(declared.map(String.init)).subtracting(allowed) == [], "\(match.1)")
      seen += 1
    }
    #expect(seen >= 15)
  }

  @Test func `only Torch imports the shim`() throws {
    let files = try SourceTree.files(below: "Sources", "swift") + SourceTree.files(below: "Tests", "swift")
    #expect(files.contains { $0.target == "Torch" && $0.imports.contains("CTorch") })
    for file in files where file.target != "Torch" { #expect(!file.imports.contains("CTorch"), "\(file)") }
  }

  @Test func `operant and the targets that it links never reach libtorch`() {
    for target in Self.torchFree {
      let reach = Self.reach(of: target)
      for module in ["CTorch", "Torch", "LanguageModels", "Training", "Runs"] {
        #expect(!reach.contains(module), "\(target) reaches \(module)")
      }
    }
    #expect(Self.reach(of: "operant").isSubset(of: Self.torchFree + ["CZlib", "CCrypto"]))
    #expect(Self.reach(of: "operant-worker").contains("CTorch"))
  }

  @Test func `ARCHITECTURE.md has a row for every target, with the same imports`() throws {
    guard let text = try SourceTree.text("ARCHITECTURE.md") else { return }
    let rows = Self.rows(of: text)
    for target in try SourceTree.folders(below: "Sources") {
      let documented = try #require(rows[target], "ARCHITECTURE.md has no row for \(target)")
      #expect(documented == Self.table[target], "ARCHITECTURE.md on \(target)")
    }
  }

  @Test func `rows are read out of a table of Markdown`() {
    let text =
      "| Target | May import |\n|---|---|\n| `Torch` | CTorch | tensors |\n| `Runs` | Torch, Records, zlib |"
    #expect(Self.rows(of: text)["Torch"] == ["CTorch"])
    #expect(Self.rows(of: text)["Runs"] == ["Torch", "Records"])
  }

  /// The targets of a Markdown table and which of ours their second cell names.
  static func rows(of text: String) -> [String: Set<String>] {
    var rows: [String: Set<String>] = [:]
    for line in text.split(separator: "\n") {
      guard let match = line.prefixMatch(of: #/\|\s*`([\w-]+)`\s*\|([^|]*)\|/#) else { continue }
      let names = match.2.split { !($0.isLetter || $0 == "-") }.map(String.init)
      if table[String(match.1)] != nil { rows[String(match.1)] = Set(names).intersection(table.keys) }
    }
    return rows
  }

  /// All that a target imports, directly and not.
  static func reach(of target: String) -> Set<String> {
    var reached: Set<String> = []
    var next = Array(table[target] ?? [])
    while let one = next.popLast() {
      if reached.insert(one).inserted { next += table[one] ?? [] }
    }
    return reached
  }
}
