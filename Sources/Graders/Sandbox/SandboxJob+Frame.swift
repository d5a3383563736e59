import Records

extension SandboxJob {
  /// What the zygote is sent: a header, and as blobs standard input, the call, the files.
  var frame: [UInt8] {
    var header = JSONObject()
    var blobs = [standardInput]
    switch program {
    case .python(let call):
      header["program"] = "python"
      header["file_name"] = .string(call.fileName)
      header["function"] = .string(call.function)
      let body: JSONValue = ["source": .string(call.source), "arguments": .array(call.arguments)]
      blobs.append(Array(body.serialised().utf8))
    case .command(let words):
      header["program"] = "command"
      header["command"] = .array(words.map(JSONValue.string))
    }
    header["files"] = .array(
      files.map {
        [
          "path": .string($0.path), "place": .string($0.place.rawValue), "executable": .bool($0.isExecutable),
        ]
      })
    blobs += files.map(\.contents)
    header["environment"] = .object(JSONObject(environment.map { ($0.key, .string($0.value)) }))
    header["collect"] = .array(collect.map(JSONValue.string))
    header["limits"] = limits.json
    header["blobs"] = .array(blobs.map { .integer($0.count) })
    return zygoteFrame(.object(header), blobs: blobs)
  }

  /// Why the job is not one that can be run: the first of its mistakes.
  var problem: String? {
    if case .command(let words) = program, words.first?.isEmpty ?? true { return "the command is empty" }
    for path in files.map(\.path) + collect {
      let steps = path.split(separator: "/", omittingEmptySubsequences: false)
      if steps.contains(where: { $0.isEmpty || $0 == ".." || $0 == "." }) || path.utf8.contains(0) {
        return "'\(path)' is no path inside the job's folder; expected one like 'tests/cases.json'"
      }
    }
    for (name, value) in environment where name.isEmpty || name.contains("=") || value.utf8.contains(0) {
      return "the environment variable '\(name)' cannot be set"
    }
    return limits.problem
  }
}

extension SandboxLimits {
  fileprivate var json: JSONValue {
    [
      "wall": .number(wallSeconds), "cpu": .number(cpuSeconds), "memory": .integer(memoryBytes),
      "processes": .integer(processes), "scratch": .integer(scratchBytes), "output": .integer(outputBytes),
      "result": .integer(resultBytes), "files": .integer(openFiles),
    ]
  }

  fileprivate var problem: String? {
    guard wallSeconds > 0, wallSeconds <= 86_400, cpuSeconds > 0, cpuSeconds <= 86_400 else {
      return "the time limit is \(wallSeconds) seconds; expected more than 0 and at most a day"
    }
    guard min(memoryBytes, processes, scratchBytes, openFiles) > 0, min(outputBytes, resultBytes) >= 0 else {
      return "a limit of the sandbox is not above 0"
    }
    return nil
  }
}
