import Foundation
import Records

/// Shows what a worker reports.
protocol EventDisplay: Sendable {
  /// - Parameter line: the event as the worker wrote it.
  func show(_ event: WorkerEvent, line: String)
  /// Says something of the program's own: that a step is being finished, how to resume.
  func note(_ text: String)
  /// Gives the terminal back.
  func close()
}

extension EventDisplay where Self == PlainDisplay {
  /// The display for this terminal: events as they are for `--json`, a live block on a terminal, else lines.
  static func chosen(json: Bool) -> any EventDisplay {
    if json { return JSONDisplay() }
    if Terminal.isInteractive(STDOUT_FILENO) { return TerminalDisplay() }
    return PlainDisplay()
  }
}

/// The events as they are, one JSON object a line.
struct JSONDisplay: EventDisplay {
  func show(_ event: WorkerEvent, line: String) { Terminal.write(line + "\n") }
  func note(_ text: String) { Terminal.writeError(text + "\n") }
  func close() {}
}
