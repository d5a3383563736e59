import Records

extension SandboxResult {
  /// What a zygote answered.
  init(_ frame: ZygoteChannel.Frame) {
    let header = frame.header
    let blobs = frame.blobs
    self.init(Self.ending(header, answer: blobs.first ?? []))
    guard blobs.count >= 3 else { return }
    standardOutput = blobs[1]
    standardError = blobs[2]
    for (entry, bytes) in zip(header["collected"]?.array ?? [], blobs.dropFirst(3)) {
      if let path = entry["path"]?.string { collected[path] = bytes }
    }
    wallSeconds = header["wall"]?.double ?? 0
    cpuSeconds = header["cpu"]?.double ?? 0
    peakMemoryBytes = header["peak"]?.integer ?? 0
  }

  private static func ending(_ header: JSONValue, answer: [UInt8]) -> SandboxEnding {
    switch header["ending"]?.string {
    case "wall": .timedOut(.wall)
    case "cpu": .timedOut(.cpu)
    case "memory": .memory
    case "output": .outputLimit
    case "signalled": .signalled(Int32(truncatingIfNeeded: header["signal"]?.integer ?? 0))
    case "could_not_start": .couldNotStart(header["reason"]?.string ?? "the sandbox gave no reason")
    case "exited":
      Self.answer(answer) ?? .exited(Int32(truncatingIfNeeded: header["status"]?.integer ?? 0))
    default: .couldNotStart("the sandbox's answer has no ending")
    }
  }

  /// What a Python function returned or raised; nil without a whole answer.
  private static func answer(_ bytes: [UInt8]) -> SandboxEnding? {
    guard bytes.count >= 9 else { return nil }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let body = bytes[9...]
    guard length == UInt64(bytes.count - 8) else { return nil }
    switch bytes[8] {
    case UInt8(ascii: "V"):
      guard let value = try? JSONValue(parsing: Array(body)) else { return nil }
      return .returned(value.withMarkedNumbers)
    case UInt8(ascii: "T"):
      return .returnedOther(type: String(decoding: body, as: UTF8.self))
    case UInt8(ascii: "E"):
      guard let value = try? JSONValue(parsing: Array(body)), let type = value["type"]?.string else {
        return nil
      }
      if type == "MemoryError" { return .memory }
      return .raised(
        PythonException(
          type: type, message: value["message"]?.string ?? "", line: value["line"]?.integer ?? 0,
          traceback: value["traceback"]?.string ?? ""))
    default: return nil
    }
  }
}

extension JSONValue {
  /// The value with the numbers that JSON has no word for.
  fileprivate var withMarkedNumbers: JSONValue {
    switch self {
    case .array(let elements): return .array(elements.map(\.withMarkedNumbers))
    case .object(let object):
      if object.count == 1, let name = object["\0number"]?.string {
        return .number(name == "nan" ? .nan : name == "inf" ? .infinity : -.infinity)
      }
      return .object(JSONObject(object.members.map { ($0.key, $0.value.withMarkedNumbers) }))
    case .null, .bool, .integer, .number, .string: return self
    }
  }
}
