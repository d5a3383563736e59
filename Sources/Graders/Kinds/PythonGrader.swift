import Foundation
package import Records

/// OpenAI's `python`: the user's `grade(sample, item)`, each call in a sandbox of its own.
struct PythonGrader: Grader {
  let identity: GraderIdentity
  private let call: PythonCall
  private let python: SandboxPython
  let limits: SandboxLimits
  private let pool: SandboxPool

  /// As long as the hosted service lets a call run.
  private static let seconds = 120.0

  static let keys = [
    "source", "file", "image_tag", "pass_threshold", "timeout", "memory_mb", "python", "folders",
  ]

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(besides: GraderCompiler.commonKeys + Self.keys, of: "a python grader")
    _ = reader.string("image_tag")
    _ = reader.number("pass_threshold", from: -.infinity)
    let surroundings = reader.surroundings
    let python = surroundings.python(
      reader.string("python"), folders: reader.folders("folders"))
    let seconds = reader.number("timeout", excludingLowest: true) ?? Self.seconds
    let megabytes = reader.number("memory_mb", excludingLowest: true) ?? 2048
    if seconds > 3600 {
      reader.error("timeout", "is \(seconds); expected at most 3600 seconds for one answer")
    }
    if megabytes > 1_048_576 { reader.error("memory_mb", "is \(megabytes); expected at most 1048576") }
    guard let script = reader.pythonScript(), !reader.problems.hasErrors else { return nil }
    guard let packages = reader.check(script, python: python, function: "grade", arguments: 2) else {
      return nil
    }
    self.identity = script.file == nil ? identity : identity.covering(script.source)
    self.python = SandboxPython(path: python.path, folders: python.folders, preload: packages)
    call = PythonCall(
      source: script.source, fileName: script.name, function: "grade", arguments: [])
    limits = SandboxLimits(
      wallSeconds: seconds, memoryBytes: Int(megabytes * 1_048_576), scratchBytes: 256 << 20)
    pool = surroundings.sandbox
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    await withTaskGroup(of: (Int, Grade).self) { tasks in
      for (index, sample) in group.enumerated() { tasks.addTask { (index, await grade(sample)) } }
      var grades = [Grade?](repeating: nil, count: group.count)
      for await (index, grade) in tasks { grades[index] = grade }
      return grades.compactMap(\.self)
    }
  }

  private func grade(_ sample: GradingSample) async -> Grade {
    var call = call
    call.arguments = [sample.pythonSample, sample.pythonItem]
    let result = await pool.run(SandboxJob(.python(call), limits: limits, python: python))
    let outcome: Grade.Outcome
    do throws(GradeFailure) {
      outcome = .reward(try result.number(limits: limits))
    } catch {
      outcome = .failed(error)
    }
    return Grade(outcome, outputTail: result.outputTail)
      .completed(by: identity, took: .seconds(result.wallSeconds))
  }
}

extension SandboxResult {
  /// The number that a grader's function returned. A truth value is one, as it is in Python.
  ///
  /// - Throws: why there is none.
  package func number(limits: SandboxLimits) throws(GradeFailure) -> Double {
    if let failure = failure(limits: limits) { throw failure }
    guard case .returned(let value) = ending else {
      preconditionFailure("an ending without a failure is a value")
    }
    if let truth = value.bool { return truth ? 1 : 0 }
    guard let number = value.double else {
      throw GradeFailure(
        .pythonRuntime, "returned \(value.pythonKind); expected a number", cause: .wrongType)
    }
    guard number.isFinite else {
      throw GradeFailure(
        .pythonRuntime, "returned \(number), or a number beyond what a float holds; expected a finite one",
        cause: .notFinite)
    }
    return number
  }
}

extension JSONValue {
  /// What the value is in the words of Python.
  fileprivate var pythonKind: String {
    switch self {
    case .null: "None"
    case .string(let text): "the text '\(text.prefix(40))'"
    case .array: "a list"
    case .object: "a dict"
    case .bool, .integer, .number: "a number"
    }
  }
}

extension GraderIdentity {
  /// The identity of a definition that refers to this text in a file.
  func covering(_ text: String) -> GraderIdentity {
    var hash = StableHash()
    hash.combine(version)
    hash.combine(text)
    var identity = self
    identity.version = hash.hex
    return identity
  }
}
