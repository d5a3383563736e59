internal import Cluster

/// How jobs are carried out.
package struct JobSettings: Sendable, Hashable {
  /// A folder for each job, with its rows and its run; one service at a time works in it.
  package var folder: String
  /// Most workers at once.
  package var workers = 1
  /// Bytes that the workers' forecasts may come to.
  package var memoryBudget = ThisMachine.memoryBytes / 4 * 3
  /// Times that a worker may die before its job has failed.
  package var retries = 3
  /// Wait before a worker that died is started again; doubled each time.
  package var retryPause = Duration.seconds(2)
  /// A worker that shows no sign of life for so long is ended and started again. A step of a large model may say nothing
  /// for a while.
  package var silenceLimit = Duration.seconds(1800)
  /// Whether workers go on when the service ends in good order; the next service finds them. Otherwise they are asked to
  /// write a checkpoint and end.
  package var leavesWorkersRunning = true
  /// How long the service's end waits for such checkpoints.
  package var checkpointLimit = Duration.seconds(600)
  /// Bytes that must be free on the disk before a worker is started.
  package var leastFreeBytes = 256 << 20
  /// Time between two looks at a worker.
  package var interval = Duration.milliseconds(250)
  /// How long `cancel` waits for the worker's end before it answers.
  package var answerLimit = Duration.seconds(5)

  package init(folder: String) { self.folder = folder }
}
