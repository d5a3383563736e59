import Foundation
import Records
import Synchronization

/// A block of lines that is redrawn in place while a run goes on; what stays is printed above it.
final class TerminalDisplay: EventDisplay {
  private struct State {
    var view = RunView()
    /// Lines of the block on the screen now.
    var drawn = 0
    var lastDraw: Double = -1
    var isClosed = false
  }

  private let state = Mutex(State())
  private let start = ContinuousClock.now
  private let paint = Paint(isOn: Terminal.hasColour(STDOUT_FILENO))
  private let ticker = Mutex<Task<Void, Never>?>(nil)

  init() {
    Terminal.write(Self.hideCursor)
    // Time goes on between events: the clock, and how long the present wait has lasted.
    let task = Task.detached { [weak self] in
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(1))
        self?.redraw()
      }
    }
    ticker.withLock { $0 = task }
  }

  private static let hideCursor = "\u{1B}[?25l"
  private static let showCursor = "\u{1B}[?25h"

  private var now: Double { (ContinuousClock.now - start).seconds }

  func show(_ event: WorkerEvent, line: String) {
    let now = now
    state.withLock { state in
      state.view.take(event, now: now)
      switch event {
      case .comparison, .runEnded, .exported, .evaluated:
        let size = Terminal.size(STDOUT_FILENO)
        let lines =
          if case .comparison(let comparison) = event {
            ComparisonText.lines(comparison, columns: size.columns)
          } else {
            PlainDisplay.lines(event, state.view)
          }
        // The block has served: its last state stays, and the results come below.
        draw(&state, now: now)
        state.drawn = 0
        state.isClosed = true
        Terminal.write("\n")
        for line in lines { Terminal.write(line + "\n") }
      case .progress:
        // Many a second; eyes do with ten.
        if now - state.lastDraw > 0.1 { draw(&state, now: now) }
      default: draw(&state, now: now)
      }
    }
  }

  func note(_ text: String) {
    let now = now
    state.withLock { state in
      if state.isClosed {
        Terminal.write(text + "\n")
      } else {
        state.view.finish(text)
        draw(&state, now: now)
      }
    }
  }

  func close() {
    ticker.withLock { $0?.cancel() }
    state.withLock { $0.isClosed = true }
    Terminal.write(Self.showCursor)
  }

  private func redraw() {
    let now = now
    state.withLock { draw(&$0, now: now) }
  }

  private func draw(_ state: inout State, now: Double) {
    guard !state.isClosed else { return }
    let size = Terminal.size(STDOUT_FILENO)
    let lines = state.view.lines(columns: size.columns, rows: size.rows, now: now, paint: paint)
    Terminal.write(Self.frame(lines, over: state.drawn))
    state.drawn = lines.count
    state.lastDraw = now
  }

  /// The bytes that replace a block of `previous` lines by these, written at once so that nothing flickers.
  static func frame(_ lines: [String], over previous: Int) -> String {
    var text = previous > 0 ? "\u{1B}[\(previous)A\r" : "\r"
    for line in lines { text += line + "\u{1B}[K\n" }
    return text + "\u{1B}[J"
  }
}
