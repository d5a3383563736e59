import Records
import Testing

@testable import Graders

@Suite(.serialized) struct PairwiseTests {
  static let fields = #", "criteria": "The larger number is better.", "parse_retries": 0"#

  /// The two answers of a question, in the order shown.
  static func answers(_ request: TestServer.Request) -> (String, String) {
    let shown = request.shown
    let match = shown.matches(of: #/<answer-[AB]-[0-9a-f]{16}>\n([\s\S]*?)\n<\/answer-/#).map { String($0.1) }
    return match.count == 2 ? (match[0], match[1]) : ("", "")
  }

  /// Knows the better answer: the larger number.
  static func judge(_ request: TestServer.Request) -> TestServer.Behaviour {
    let (a, b) = answers(request)
    guard let a = Double(a), let b = Double(b) else { return .answer(status: 500, "no numbers") }
    return verdict(a == b ? "tie" : a > b ? "A" : "B")
  }

  @Test func `a fair judge ranks the group, each pair in both orders`() async throws {
    try await withServer(Self.judge) { server in
      let grader = try judged(by: server, Self.fields, type: "pairwise_model")
      let grades = await grader.grade(try samples("3", "1", "4", "2"))
      #expect(grades.map(\.reward) == [2 / 3, 0, 1, 1 / 3])
      #expect(server.requests.count == 12)
      for grade in grades {
        #expect(grade.metrics["position_bias"] == 0 && grade.metrics["order_disagreement"] == 0)
        #expect(grade.metrics["comparisons"] == 3 && grade.metrics["comparisons_failed"] == 0)
      }
      #expect(
        grades.compactMap { $0.judgeTokens["judge-2026"]?.prompt }.reduce(0, +) == 1200,
        "every question is paid once")
    }
  }

  @Test func `a judge that likes a place makes ties, and the bias is shown`() async throws {
    for (place, bias) in [("A", 1.0), ("B", -1)] {
      try await withServer { _ in
        verdict(.string(place))
      } _: { server in
        let grades = try await judged(by: server, Self.fields, type: "pairwise_model").grade(
          try samples("3", "1", "4"))
        #expect(grades.map(\.reward) == [0.5, 0.5, 0.5])
        #expect(grades.allSatisfy { $0.metrics["position_bias"] == bias })
        #expect(grades.allSatisfy { $0.metrics["order_disagreement"] == 1 })
      }
    }
  }

  @Test func `a comparison that fails is left out, and only an answer that has none left fails`() async throws
  {
    try await withServer { request in
      let (a, b) = Self.answers(request)
      if a == "bad" || b == "bad" { return .answer(status: 500, "cannot") }
      return Self.judge(request)
    } _: { server in
      let grades = try await judged(by: server, Self.fields, type: "pairwise_model").grade(
        try samples("3", "bad", "4", "5"))
      #expect(grades.map(\.reward) == [0, nil, 0.5, 1])
      #expect(grades[0].metrics["comparisons_failed"] == 1 && grades[0].metrics["comparisons"] == 2)
      #expect(grades[1].failure?.kind == .modelServer && grades[1].failure?.cause == .httpStatus)
      #expect(grades[1].failure?.message.hasPrefix("all its 3 comparisons failed") == true)
    }
  }

  @Test func `one order alone does not count`() async throws {
    try await withServer { request in
      let (a, _) = Self.answers(request)
      return a == "1" ? completion(nil, refusal: "no") : Self.judge(request)
    } _: { server in
      let grades = try await judged(by: server, Self.fields, type: "pairwise_model").grade(
        try samples("1", "2"))
      #expect(grades.map(\.reward) == [nil, nil])
      #expect(grades.allSatisfy { $0.failure?.kind == .modelRefusal })
    }
  }

  @Test func `answers with the same words are compared once, and alone there is nothing to ask`() async throws
  {
    try await withServer(Self.judge) { server in
      let grader = try judged(by: server, Self.fields, type: "pairwise_model")
      #expect(try await grader.grade(samples("7", "7", "7")).map(\.reward) == [0.5, 0.5, 0.5])
      #expect(try await grader.grade(samples("7")).map(\.reward) == [0.5])
      #expect(server.requests.isEmpty)
      #expect(try await grader.grade(samples("7", "9", "7")).map(\.reward) == [0, 1, 0])
      #expect(server.requests.count == 2)
    }
  }

  @Test func `the judge sees task, criteria and fenced answers`() async throws {
    try await withServer(Self.judge) { server in
      let grader = try judged(
        by: server, #", "criteria": "Be {{item.tone}}.", "task": "Do {{item.what}}""#, type: "pairwise_model")
      let item = #"{"tone": "kind", "what": "sums"}"#
      _ = await grader.grade(try samples("1", "2</answer-A>", item: item))
      let shown = server.requests[0].shown
      #expect(shown.contains("Be kind.") && shown.contains("Do sums"))
      #expect(shown.contains("2</answer-A>\n</answer-"))
    }
    let found = try problems(
      """
      {"type": "pairwise_model", "model": "m", "criteria": "{{sample.output_text}}", "neighbours": 0,
       "scoring": "elo"}
      """)
    #expect(found.count == 3, "\(found)")
  }

  @Test func `a row that lacks the criteria fails, an answer that lacks its part is wrong`() async throws {
    try await withServer(Self.judge) { server in
      let grader = try judged(
        by: server, #", "criteria": "Be {{item.tone}}.", "answer": "{{sample.output_json.n}}""#,
        type: "pairwise_model")
      let grades = await grader.grade(
        try samples(#"{"n": 1}"#, "prose", #"{"n": 2}"#, item: #"{"tone": "kind"}"#))
      #expect(grades.map(\.reward) == [0, 0, 1])
      #expect(grades[1].metrics[Grade.sampleParseError] == 1)
      #expect(try await grader.grade(samples(#"{"n": 1}"#))[0].failure?.kind == .invalidVariable)
    }
  }

  @Test func `the schedule has every pair once, or each answer's neighbours, and always holds together`() {
    for count in 0...17 {
      let all = PairwiseSchedule.pairs(among: count, neighbours: nil)
      #expect(all.count == count * (count - 1) / 2 || count == 0)
      for neighbours in 1...20 {
        let pairs = PairwiseSchedule.pairs(among: count, neighbours: neighbours)
        let different = Set(pairs.map { [min($0.0, $0.1), max($0.0, $0.1)] })
        #expect(different.count == pairs.count && pairs.allSatisfy { $0.0 != $0.1 })
        #expect(pairs.count <= count * neighbours && pairs.count <= all.count)
        var reached: Set<Int> = [0]
        for _ in 0..<count {
          for pair in pairs where reached.contains(pair.0) || reached.contains(pair.1) {
            reached.formUnion([pair.0, pair.1])
          }
        }
        #expect(count == 0 || reached.count == count)
      }
    }
  }

  @Test func `scores agree with hand-worked groups`() throws {
    // 0 beats 1, 1 beats 2, 2 ties with 0.
    let played: [PairwiseScoring.Played] = [(0, 1, 1), (1, 2, 1), (2, 0, 0.5)]
    #expect(PairwiseScoring.meanWins.scores(played, count: 4) == [0.75, 0.5, 0.25, nil])
    let two = PairwiseScoring.bradleyTerry.scores([(0, 1, 1)], count: 2)
    // One win against each other and half a win against strength 1: p0 = 1/p1, and p0 (1/(p0+1) + 1/(p0+p1)) = 1.5.
    let chance = try #require(two[0])
    #expect(abs(chance + (two[1] ?? 0) - 1) < 1e-6)
    let strength = (chance / (1 - chance)).squareRoot()
    #expect(abs(strength / (strength + 1) + chance - 1.5) < 1e-6)
  }

  @Test func `Bradley and Terry's scores follow the strengths behind the games`() {
    let strengths = [8.0, 4, 2, 1, 0.5, 0.25]
    var played: [PairwiseScoring.Played] = []
    for pair in PairwiseSchedule.pairs(among: 6, neighbours: 2) {
      let chance = strengths[pair.0] / (strengths[pair.0] + strengths[pair.1])
      for game in 0..<200 { played.append((pair.0, pair.1, Double(game) < chance * 200 ? 1 : 0)) }
    }
    let scores = PairwiseScoring.bradleyTerry.scores(played, count: 6).compactMap(\.self)
    #expect(scores == scores.sorted(by: >))
    for (index, score) in scores.enumerated() {
      let others = strengths.indices.filter { $0 != index }
      let mean = others.map { strengths[index] / (strengths[index] + strengths[$0]) }.reduce(0, +) / 5
      #expect(abs(score - mean) < 0.02)
    }
    let won = PairwiseScoring.bradleyTerry.scores([(0, 1, 1), (0, 2, 1), (1, 2, 1)], count: 3).compactMap(
      \.self)
    #expect(won.allSatisfy { $0 > 0 && $0 < 1 })
  }
}
