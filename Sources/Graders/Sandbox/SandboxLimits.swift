/// What one job may use before it is ended. A limit that is hit is an ending with a name, see ``SandboxEnding``.
package struct SandboxLimits: Sendable, Hashable {
  /// Seconds from the start of the job to its end, waiting included.
  package var wallSeconds: Double
  /// Seconds of processor time, all processes of the job together.
  package var cpuSeconds: Double
  /// Bytes of memory of all processes together; a Python job that goes beyond gets `MemoryError`.
  package var memoryBytes: Int
  /// Processes and threads at the same time.
  package var processes: Int
  /// Bytes and, by 1,024, files in the job's folders (`/box`, `/tmp`, `/dev/shm`), all together.
  package var scratchBytes: Int
  /// Bytes that may be written to standard output and standard error, each.
  package var outputBytes: Int
  /// Bytes of what a Python function returns, as JSON, and of the files that are collected, together.
  package var resultBytes: Int
  /// Open files of one process.
  package var openFiles: Int

  package init(
    wallSeconds: Double = 10, cpuSeconds: Double? = nil, memoryBytes: Int = 512 << 20, processes: Int = 32,
    scratchBytes: Int = 64 << 20, outputBytes: Int = 1 << 20, resultBytes: Int = 16 << 20,
    openFiles: Int = 256
  ) {
    self.wallSeconds = wallSeconds
    self.cpuSeconds = cpuSeconds ?? wallSeconds
    self.memoryBytes = memoryBytes
    self.processes = processes
    self.scratchBytes = scratchBytes
    self.outputBytes = outputBytes
    self.resultBytes = resultBytes
    self.openFiles = openFiles
  }
}
