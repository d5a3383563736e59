import Foundation
import Records
import Synchronization
import Testing

@testable import Runs

/// Lines to a reader of any speed.
@Suite(.timeLimit(.minutes(30)))
struct ServeOutputTests {
  @Test func `lines come whole and in order, and a writer waits only when much has gathered`() async throws {
    let pipe = Pipe()
    let output = ServeOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor, most: 1 << 18)
    let lines = 40_000
    let written = Mutex(0)
    Thread.detachNewThread {
      for number in 0..<lines {
        output.put(["line \(number)", "and \(number)"])
        written.withLock { $0 = number }
      }
      output.flush(seconds: 120)
      output.close()
      try? pipe.fileHandleForWriting.close()
    }
    // Nobody reads yet: what fits into the pipe and the queue is taken, and no more.
    var last = -1
    while written.withLock({ $0 }) != last || last == 0 {
      last = written.withLock { $0 }
      try await Task.sleep(for: .milliseconds(300))
    }
    #expect(last > 1000 && last < lines - 1)
    let text = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        continuation.resume(returning: String(decoding: data, as: UTF8.self))
      }
    }
    let found = text.split(separator: "\n")
    #expect(found.count == 2 * lines)
    #expect(found.enumerated().allSatisfy { $1 == ($0 % 2 == 0 ? "line \($0 / 2)" : "and \($0 / 2)") })
  }

  @Test func `likely tokens are the line that any event would be`() throws {
    var random = SplitMix64(seed: 1)
    var values: [Float] = [0, -0.0, -1e-20, -1e-5, -0.1, -3, -123456.7, -1e30, -.infinity]
    values += (0..<200).map { _ in -Float.random(in: 0...40, using: &random) }
    for value in values {
      let event = ServeEvent.top(
        id: .max, attempt: 3,
        [.init(token: 7, logProbability: value), .init(token: 49151, logProbability: -2.5)])
      let line = ServeOutput.line(event)
      #expect(try WorkerLine.decode(ServeEvent.self, from: line.utf8) == event)
    }
    let none = ServeEvent.top(id: 1, attempt: 0, [])
    #expect(try ServeOutput.line(none) == WorkerLine.encode(none))
  }
}
