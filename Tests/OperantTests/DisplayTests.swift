import Records
import Testing

@testable import operant

@Suite struct `Plain lines` {
  private func lines(_ events: [WorkerEvent]) -> [String] {
    var view = RunView()
    return events.flatMap { event in
      view.take(event, now: 0)
      return PlainDisplay.lines(event, view)
    }
  }

  @Test func `say one thing a line in a fixed order`() {
    let found = lines([
      .phase(.loading, detail: "x"), .modelLoaded(Samples.model), .runStarted(Samples.run),
      .progress(.sampling, done: 1, of: 64),
      .step(Samples.step(0), Samples.timing(0), tokensPerSecond: 753.2, sample: Samples.sample),
      .step(Samples.step(1, update: false), Samples.timing(1), tokensPerSecond: 753.2, sample: nil),
      .evaluation(step: 2, Samples.summary(0.4)), .checkpoint(step: 2, path: "c"), .warning("mind \u{7}"),
    ])
    #expect(
      found == [
        "model smollm2-135m-instruct  134.5 M parameters  4.9 M trained  bfloat16  loaded in 1.5 s",
        "run support-reply  0 of 50 steps done  480 rows  120 held out  /runs/support-reply-1",
        "step 0  done 1/50  reward 0.500  full 25%  length 48.2  cut 3%  entropy 1.234  kl 0.0123  mismatch 3.1e-05  gradient 0.450  sample 4.1s  grade 0.2s  update 6.0s  753 tok/s  left 8 min 10 s",
        "step 1  done 2/50  reward 0.500  full 25%  length 48.2  cut 3%  entropy -  kl -  mismatch -  gradient -  sample 4.1s  grade 0.2s  update 6.0s  753 tok/s  left 8 min 0 s",
        "held-out step 2  reward 0.400 (0.380 to 0.420)  full 25%  length 93.2  cut 10%",
        "warning: mind \u{FFFD}",
      ])
  }

  @Test func `tell of right answers and thinking where they are counted`() {
    var record = Samples.step(0)
    record.tokenUse = TokenUse(rightShare: 0.5, ofRight: 40.25, thinking: 12.5, answer: 35.75)
    let line = lines([.step(record, Samples.timing(0), tokensPerSecond: 750, sample: nil)])[0]
    #expect(line.contains("length 48.2  of right 40.2  cut 3%"))
    #expect(line.contains("thinking 12.5"))
    #expect(
      lines([.evaluation(step: 2, Samples.thinkingComparison.tuned)])[0].contains(
        "length 93.2  of right 30.0  cut 10%"))
  }

  @Test func `tell how a run ended and what to do next`() {
    let end = RunEnd(
      reason: .plateau, step: 40, folder: "/my runs/a-1",
      exports: ["peft": "/x/peft", "merged": "/x/merged"],
      seconds: 3700, peakMemoryBytes: 2_400_000_000)
    #expect(
      lines([.runEnded(end)]) == [
        "a-1: stopped at step 40: the held-out reward no longer rises",
        "  time    1 h 1 min, memory at most 2.4 GB",
        "  run     /my runs/a-1",
        "  merged  /x/merged",
        "  peft    /x/peft",
        "",
        "Try next:",
        "  operant chat --run '/my runs/a-1'",
        "  operant run show '/my runs/a-1' --episodes",
        "  operant export '/my runs/a-1' --format merged --to a-1-merged",
      ])
    var interrupted = end
    interrupted.reason = .interrupted
    #expect(lines([.runEnded(interrupted)]).last == "  operant train --resume '/my runs/a-1'")
  }
}

@Suite struct `The comparison` {
  @Test func `stands in a table with intervals and answers side by side`() {
    #expect(
      ComparisonText.lines(Samples.comparison, columns: 100) == [
        "Held-out answers, base against tuned (100 prompts, 95% intervals)",
        "",
        "                   base                     tuned                    gain",
        "mean reward        0.400 (0.380 to 0.420)   0.700 (0.680 to 0.720)   +0.300 (+0.270 to +0.330)",
        "full marks         25% (20% to 30%)         25% (20% to 30%)         +25% (+20% to +30%)",
        "tokens an answer   93.2 (90.0 to 96.5)      93.2 (90.0 to 96.5)      -40.0 (-45.0 to -35.0)",
        "cut off            10%                      10%                      0%",
        "  format           0.400                    0.700                    +0.300",
        "",
        "  prompt  Hello?",
        "  base, reward 0.100                             │ tuned, reward none",
        "  Well, hello there, my friend, how are you      │ Hello.",
        "  today?                                         │ ",
      ])
  }

  @Test func `shows right answers, and thinking where there is some`() {
    let lines = ComparisonText.lines(Samples.thinkingComparison, columns: 110)
    #expect(
      Array(lines[5...12]) == [
        "tokens an answer   93.2 (90.0 to 96.5)      93.2 (90.0 to 96.5)      -40.0 (-45.0 to -35.0)",
        "                                                                     -43% (-48% to -38%)",
        "right              62% (50% to 70%)         62% (50% to 70%)         0% (-5% to +5%)",
        "tokens if right    40.0 (38.0 to 42.0)      30.0 (28.0 to 32.0)      -10.0 (-12.0 to -8.0)",
        "  thinking         20.0 (18.0 to 22.0)      10.0 (8.0 to 12.0)       -10.0 (-12.0 to -8.0)",
        "  after it         21.0 (19.0 to 23.0)      20.0 (18.0 to 22.0)      -1.0 (-3.0 to +1.0)",
        "cut off            10%                      10%                      0%",
        "  format           0.400                    0.700                    +0.300",
      ])
    #expect(
      EvaluationText.lines(Samples.thinkingComparison.tuned).contains(
        "tokens if right    30.0 (28.0 to 32.0)"))
    #expect(!EvaluationText.lines(Samples.summary(0.4)).contains { $0.contains("right") })
  }

  @Test func `goes one below the other where there is no room`() {
    let lines = ComparisonText.lines(Samples.comparison, columns: 44)
    #expect(lines.allSatisfy { TextWidth.of($0) <= 44 })
    #expect(lines.contains("  base    Well, hello there, my friend, how"))
    #expect(lines.contains("  tuned   Hello."))
  }
}

@Suite struct `The live block` {
  private func view() -> RunView {
    var view = RunView()
    view.take(.modelLoaded(Samples.model), now: 1)
    view.take(.runStarted(Samples.run), now: 1)
    for step in 1...12 {
      let record = Samples.step(step, reward: Double(step) / 12)
      view.take(.step(record, Samples.timing(step), tokensPerSecond: 750, sample: Samples.sample), now: 10)
    }
    view.take(.evaluation(step: 10, Samples.summary(0.4)), now: 11)
    view.take(.phase(.sampling, detail: ""), now: 12)
    view.take(.progress(.sampling, done: 32, of: 64), now: 13)
    return view
  }

  @Test func `shows bar, wait, curve, steps and sample`() {
    let lines = view().lines(columns: 120, rows: 40, now: 20, paint: Paint(isOn: false))
    #expect(
      lines[0]
        == "support-reply · smollm2-135m-instruct, 134.5 M parameters · 4.9 M trained · bfloat16 · 480 rows, 120 held out"
    )
    #expect(
      lines[1]
        == "█████████░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░ 12/50 steps 24%  elapsed 20 s  left 6 min 20 s")
    #expect(lines[2] == "sampling 32/64 for 8.0 s")
    #expect(lines[3] == "reward ▁▁▂▃▃▄▅▆▆▇██ 0.083 → 1.000   held out 0.400 (step 10)")
    #expect(lines[5] == StepColumns.heading)
    #expect(
      lines[6]
        == "    7   0.583   25%    48.2        -    3%    1.234   0.0123   3.1e-05     0.450         4.1/0.2/6.0s    750"
    )
    #expect(lines.contains("  prompt  Where is my order?"))
    #expect(lines.contains("  answer  On its way.\u{FFFD}[2J Bye"))
    #expect(lines.contains("  grade   0.750 (format 1.000, length 0.500), 12 tokens"))
  }

  @Test(arguments: [(20, 10), (40, 12), (80, 24), (200, 60), (1, 1)])
  func `fits any terminal, with and without colour`(columns: Int, rows: Int) {
    var view = view()
    view.take(.warning("a long warning " + String(repeating: "x", count: 300)), now: 14)
    view.finish("finishing")
    for paint in [Paint(isOn: false), Paint(isOn: true)] {
      let lines = view.lines(columns: columns, rows: rows, now: 20, paint: paint)
      #expect(lines.count <= max(1, rows - 1))
      for line in lines {
        let visible = line.replacing(#/\u{1B}\[[0-9]*m/#, with: "")
        #expect(TextWidth.of(visible) <= columns, "\(visible)")
        #expect(!visible.contains("\u{1B}"))
      }
    }
  }

  @Test func `is drawn over its former self`() {
    #expect(TerminalDisplay.frame(["a", "b"], over: 0) == "\ra\u{1B}[K\nb\u{1B}[K\n\u{1B}[J")
    #expect(TerminalDisplay.frame(["a"], over: 3) == "\u{1B}[3A\ra\u{1B}[K\n\u{1B}[J")
  }

  @Test func `says what is waited for before the first event`() {
    let lines = RunView().lines(columns: 80, rows: 24, now: 3, paint: Paint(isOn: false))
    #expect(lines == ["elapsed 3.0 s", "waiting for the worker"])
  }
}

@Suite struct `Text on a terminal` {
  @Test(arguments: [("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("🙂", 2), ("", 0), ("a\u{200B}b", 2)])
  func `takes columns, not characters`(text: String, columns: Int) { #expect(TextWidth.of(text) == columns) }

  @Test func `is cut and wrapped to fit`() {
    #expect(TextWidth.cut("abcdef", to: 4) == "abc…")
    #expect(TextWidth.cut("abcd", to: 4) == "abcd")
    #expect(TextWidth.cut("日本語", to: 4) == "日…")
    #expect(TextWidth.wrap("the quick brown fox", to: 9, limit: 9) == ["the quick", "brown fox"])
    #expect(TextWidth.wrap("a\n\nb", to: 9, limit: 9) == ["a", "", "b"])
    #expect(TextWidth.wrap("unbreakable", to: 4, limit: 9) == ["unbr", "eaka", "ble"])
    #expect(TextWidth.wrap("one two three four", to: 5, limit: 2) == ["one", "two …"])
    #expect(TextWidth.wrap("", to: 5, limit: 2) == [])
  }

  @Test func `cannot steer it`() {
    #expect(
      Terminal.harmless("a\u{1B}]0;x\u{7}b\u{9B}\u{202E}\tc\n")
        == "a\u{FFFD}]0;x\u{FFFD}b\u{FFFD}\u{FFFD}\tc\n")
  }
}

@Suite struct `Numbers on a terminal` {
  @Test func `read as people write them`() {
    #expect(Figures.fixed(-0.0001, 3) == "0.000")
    #expect(Figures.fixed(-1.5, 1) == "-1.5")
    #expect(Figures.fixed(.nan, 3) == "nan")
    #expect(Figures.percent(0.255) == "26%" || Figures.percent(0.255) == "25%")
    #expect(Figures.small(0.0123) == "0.0123")
    #expect(Figures.small(0.000031) == "3.1e-05")
    #expect(Figures.small(0) == "0.0000")
    #expect(Figures.count(134_515_008) == "134.5 M")
    #expect(Figures.count(999) == "999")
    #expect(Figures.sparkline([0, 1], width: 10) == "▁█")
    #expect(Figures.sparkline([3, 3, 3], width: 10) == "▄▄▄")
    #expect(Figures.sparkline([0, 0, 1, 1], width: 2) == "▁█")
    #expect(Figures.sparkline([.nan], width: 2) == "")
  }

  @Test(arguments: [
    ("plain-1", "plain-1"), ("a b", "'a b'"), ("it's", "'it'\\''s'"), ("", "''"), ("$x", "'$x'"),
  ])
  func `paths are quoted for a shell`(text: String, quoted: String) {
    #expect(RunEndText.quoted(text) == quoted)
  }
}
