import Cluster
import Foundation
import Records
import Testing

@testable import operant

@Suite(.timeLimit(.minutes(30)))
struct `A worker process` {
  private let request = WorkerRequest.train(runFolder: "/runs/a")

  /// Runs a script as the worker; `signals` tells how the user interrupts, given the display.
  private func run(
    _ script: String, display: RecordingDisplay = RecordingDisplay(), input: AsyncStream<String>? = nil,
    signals: AsyncStream<Int32> = AsyncStream { _ in }
  ) async throws -> (display: RecordingDisplay, failure: CommandFailure?) {
    let worker = try FakeWorker(script)
    var process = WorkerProcess(executable: worker.path)
    process.finishingNote = "finishing the step"
    process.killedNote = "resume with x"
    let conversation = WorkerProcess.Conversation(input: input, interrupts: signals, display: display)
    do throws(CommandFailure) {
      try await process.run(request, conversation)
      return (display, nil)
    } catch {
      return (display, error)
    }
  }

  @Test func `gets the request as one line and its events come in order`() async throws {
    let script = """
      read -r request
      [ "$(cat)" = "" ] || exit 9
      echo '{"event": "phase", "phase": "loading", "detail": "a model"}'
      printf '{"event": "warning", "message": "%s"}\\n' "${request//\\"/\\\\\\"}"
      echo 'no event at all'
      printf '{"event": "progress", "phase": "sampling", "done": 1, "of": 2}'
      """
    let (display, failure) = try await run(script)
    #expect(failure == nil)
    #expect(
      display.events == [
        .phase(.loading, detail: "a model"), .warning(try WorkerLine.encode(request)),
        .progress(.sampling, done: 1, of: 2),
      ])
    #expect(display.lines.first == #"{"event": "phase", "phase": "loading", "detail": "a model"}"#)
    #expect(display.closed == 1)
  }

  @Test func `that writes much and ends at once loses nothing`() async throws {
    let script = """
      for i in {1..3000}; do echo "{\\"event\\":\\"progress\\",\\"phase\\":\\"sampling\\",\\"done\\":$i,\\"of\\":3000}"; done
      """
    let (display, failure) = try await run(script)
    #expect(failure == nil)
    #expect(display.events == (1...3000).map { .progress(.sampling, done: $0, of: 3000) })
  }

  @Test func `takes an event of any length`() async throws {
    let script = #"printf '{"event":"warning","message":"%0500000d"}\n' 7"#
    let (display, _) = try await run(script)
    #expect(display.events == [.warning(String(repeating: "0", count: 499_999) + "7")])
  }

  @Test func `is given further lines while it answers`() async throws {
    let (lines, input) = AsyncStream<String>.makeStream()
    input.yield("one")
    input.yield("two")
    input.finish()
    let script =
      #"read -r request; while read -r line; do echo "{\"event\":\"text\",\"index\":0,\"text\":\"$line\"}"; done"#
    let (display, failure) = try await run(script, input: lines)
    #expect(failure == nil)
    #expect(display.events == [.text(index: 0, "one"), .text(index: 0, "two")])
  }

  @Test func `that reports a failure gives its sentence and code`() async throws {
    let script = """
      echo '{"event":"failed","failure":{"kind":"usage","message":"the plan asks for the moon"}}'
      exit 2
      """
    let (_, failure) = try await run(script)
    #expect(failure?.message == "the plan asks for the moon")
    #expect(failure?.exitCode == 2)
  }

  @Test func `that dies is told with the signal and its last words`() async throws {
    let (display, failure) = try await run("echo first >&2; echo 'segment gone' >&2; kill -SEGV $$")
    #expect(failure?.message == "the worker died of SIGSEGV; its last lines:\n  first\n  segment gone")
    #expect(failure?.exitCode == 1)
    #expect(display.closed == 1)
  }

  @Test func `that is killed is told with a guess`() async throws {
    let (_, failure) = try await run("kill -KILL $$")
    #expect(failure?.message == "the worker died of SIGKILL; the system may have run out of memory")
  }

  @Test func `that ends without a word is told with its code`() async throws {
    let (_, failure) = try await run("echo oops >&2; exit 7")
    #expect(
      failure?.message == "the worker ended with code 7 and did not say why; its last lines:\n  oops")
  }

  @Test func `that is not there is told by name`() async throws {
    let process = WorkerProcess(executable: "/nowhere/operant-worker")
    let conversation = WorkerProcess.Conversation(
      interrupts: AsyncStream { _ in }, display: RecordingDisplay())
    await #expect(throws: CommandFailure.self) { try await process.run(request, conversation) }
  }

  @Test func `is asked to finish at the first interrupt and its end is then no failure`() async throws {
    let (signals, user) = AsyncStream<Int32>.makeStream()
    let display = RecordingDisplay()
    let script = """
      trap 'echo "{\\"event\\":\\"checkpoint\\",\\"step\\":3,\\"path\\":\\"c\\"}"; exit 0' INT
      echo '{"event":"phase","phase":"sampling","detail":""}'
      for i in {1..20000}; do sleep 0.05; done
      exit 5
      """
    Task {
      while display.events.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      user.yield(SIGINT)
    }
    let (_, failure) = try await run(script, display: display, signals: signals)
    #expect(failure == nil)
    #expect(display.notes == ["finishing the step"])
    #expect(display.events.last == .checkpoint(step: 3, path: "c"))
  }

  @Test func `is ended at the second interrupt and the run can be resumed`() async throws {
    let (signals, user) = AsyncStream<Int32>.makeStream()
    let display = RecordingDisplay()
    let script = """
      trap 'echo "{\\"event\\":\\"warning\\",\\"message\\":\\"asked\\"}"' INT
      echo '{"event":"phase","phase":"sampling","detail":""}'
      while true; do sleep 0.05; done
      """
    Task {
      while display.events.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
      user.yield(SIGINT)
      while display.events.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
      user.yield(SIGINT)
    }
    let (_, failure) = try await run(script, display: display, signals: signals)
    #expect(failure?.message == "ended at once; resume with x")
    #expect(failure?.exitCode == 130)
    #expect(display.notes == ["finishing the step"])
  }

  @Test func `has a process group of its own`() async throws {
    let script = #"""
      group=$(ps -o pgid= -p $$ 2>/dev/null || cut -d' ' -f5 /proc/$$/stat)
      echo "{\"event\":\"progress\",\"phase\":\"loading\",\"done\":$((group)),\"of\":$$}"
      """#
    let (display, _) = try await run(script)
    guard case .progress(_, let group, let pid)? = display.events.first else {
      Issue.record("no event")
      return
    }
    #expect(group == pid)
    #expect(group != Int(getpgrp()))
  }

  @Test func `leaves OpenMP to a user who has set it`() {
    #expect(WorkerLocation.environmentChanges(["OMP_WAIT_POLICY": "ACTIVE"]) == ["MALLOC_ARENA_MAX": "2"])
    #expect(WorkerLocation.environmentChanges(["MALLOC_ARENA_MAX": "8"])["MALLOC_ARENA_MAX"] == nil)
    #expect(WorkerLocation.environmentChanges(["PATH": "/bin"])["OMP_WAIT_POLICY"] == "PASSIVE")
  }
}
