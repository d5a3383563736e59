/// A short command of this machine, outside of any sandbox: asking an interpreter for its folders, say.
enum HostCommand {
  struct Output {
    /// As `waitpid` gives it; 0 is success.
    var status: Int32
    var standardOutput: [UInt8]
    var standardError: [UInt8]
  }

  /// Runs a command to its end on the calling thread.
  ///
  /// - Throws: when it does not start, or takes longer than `seconds`. Of what it prints the first megabyte is kept.
  static func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String], seconds: Double
  ) throws(ChildProcess.StartFailure) -> Output {
    let source = try UnnamedFile(input)
    let output = try UnnamedFile()
    let error = try UnnamedFile()
    let process = try ChildProcess(
      arguments, environment: environment,
      descriptors: [source.descriptor, output.descriptor, error.descriptor])
    guard let status = process.ends(within: seconds) else {
      process.end()
      throw ChildProcess.StartFailure(reason: "'\(arguments[0])' did not end within \(seconds) seconds")
    }
    return Output(status: status, standardOutput: output.contents, standardError: error.contents)
  }
}
