internal import Checkpoints
internal import Cluster
internal import Foundation
internal import Graders
internal import Store

/// Looks at everything that the service needs, before it is started or while it runs.
package struct Doctor: Sendable {
  package enum Verdict: String, Sendable, Hashable {
    case good = "ok  "
    case doubtful = "warn"
    case bad = "BAD "
  }

  /// A thing that was looked at, and a sentence on it.
  package struct Finding: Sendable, Hashable {
    package let name: String
    package let verdict: Verdict
    package let sentence: String
  }

  private let settings: ServiceSettings
  private var folder: DataFolder { DataFolder(settings.data) }

  package init(_ settings: ServiceSettings) { self.settings = settings }

  package func examine() async -> [Finding] {
    let isRunning = ServiceLock.isHeld(folder)
    var findings = [dataFolder(isRunning)]
    if let store = await store() { findings.append(store) }
    findings += [port(isRunning), disk(), memory(), worker()]
    findings += models()
    findings += [await sandbox()]
    findings += security()
    return findings
  }

  private func dataFolder(_ isRunning: Bool) -> Finding {
    let manager = FileManager.default
    let parent = (folder.path as NSString).deletingLastPathComponent
    if manager.fileExists(atPath: folder.path) {
      guard manager.isWritableFile(atPath: folder.path) else {
        return bad("data folder", "\(folder.path) cannot be written by this user")
      }
      let permissions = (try? manager.attributesOfItem(atPath: folder.path))?[.posixPermissions] as? Int ?? 0
      if permissions & 0o077 != 0 {
        return doubtful(
          "data folder", "\(folder.path) is open to other users; the service shuts it when it starts")
      }
      return good("data folder", folder.path + (isRunning ? ", where a service runs" : ""))
    }
    return manager.isWritableFile(atPath: parent)
      ? good("data folder", "\(folder.path) will be made")
      : bad("data folder", "\(folder.path) cannot be made: \(parent) cannot be written by this user")
  }

  private func store() async -> Finding? {
    guard folder.exists else { return nil }
    do {
      let problems = try await folder.open().integrityProblems()
      return problems.isEmpty
        ? good("store", "whole")
        : bad("store", "damaged: \(problems.prefix(3).joined(separator: "; ")); restore a backup")
    } catch { return bad("store", "\(error)") }
  }

  private func port(_ isRunning: Bool) -> Finding {
    let place = "\(settings.listen.host):\(settings.listen.port)"
    if settings.listen.port == 0 { return good("port", "a free one will be taken") }
    switch Self.canBind(settings.listen.host, settings.listen.port) {
    case nil: return good("port", "\(place) is free")
    case EADDRINUSE?:
      return isRunning
        ? good("port", "\(place) is taken, by the service that runs it seems")
        : bad("port", "\(place) is taken by another program; choose another with --port")
    case let code?: return bad("port", "\(place) cannot be listened at: \(String(cString: strerror(code)))")
    }
  }

  /// nil when it can be, else the system's number for the reason. Names are looked up when the service starts.
  private static func canBind(_ host: String, _ port: Int) -> Int32? {
    let host = host == "localhost" ? "127.0.0.1" : host
    var address = sockaddr_in()
    guard inet_pton(AF_INET, host, &address.sin_addr) == 1 else { return nil }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    var yes: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    return result == 0 ? nil : errno
  }

  private func disk() -> Finding {
    let place =
      FileManager.default.fileExists(atPath: folder.path)
      ? folder : DataFolder((folder.path as NSString).deletingLastPathComponent)
    guard let free = place.freeBytes else { return doubtful("disk", "how much is free cannot be told") }
    let sentence = "\(free >> 20) MiB free"
    if free < ServiceProbe.leastFreeBytes { return bad("disk", sentence + ", too little for checkpoints") }
    return free < 10 << 30
      ? doubtful("disk", sentence + "; runs of larger models take more") : good("disk", sentence)
  }

  private func memory() -> Finding {
    let all = ThisMachine.memoryBytes
    let jobs = settings.jobs.memory ?? all / 2
    let serving = settings.serving.memory ?? all / 5 * 2
    let sentence = "\(all >> 20) MiB, of which jobs may take \(jobs >> 20) and models \(serving >> 20)"
    return jobs + serving > all
      ? doubtful("memory", sentence + ": together more than there is; lower jobs.memory or serving.memory")
      : good("memory", sentence)
  }

  private func worker() -> Finding {
    do { return good("worker", try LocalParts.workerPath(settings)()) } catch {
      return bad("worker", "\(error)")
    }
  }

  private func models() -> [Finding] {
    let catalogue = LocalParts.catalogue(settings)
    return catalogue.entries.map { entry in
      guard let location = catalogue.location(of: entry) else {
        return bad(
          "model \(entry.name)",
          "'\(entry.source)' is not found; `make quickstart` brings the default one, and "
            + "OPERANT_MODELS names a folder of models")
      }
      return good("model \(entry.name)", location.path)
    }
  }

  /// Whether graders in Python can be run.
  private func sandbox() async -> Finding {
    if let problem = await SandboxPool.shared(.sandboxed).unavailability() {
      return doubtful("sandbox", "\(problem); graders in Python and code graders will not run")
    }
    return good("sandbox", "graders in Python can be run")
  }

  private func security() -> [Finding] {
    if settings.isLoopback {
      return settings.auth == .off
        ? [doubtful("keys", "off: every program of this machine may do everything")]
        : [good("keys", "wanted")]
    }
    var findings: [Finding] = []
    if settings.listen.certificate == nil {
      findings.append(
        doubtful(
          "TLS", "off, and \(settings.listen.host) can be reached from elsewhere; keys can be read on the way"
        ))
    } else {
      findings.append(good("TLS", "on"))
    }
    findings.append(
      settings.auth == .off
        ? bad("keys", "off, and \(settings.listen.host) can be reached from elsewhere")
        : good("keys", "wanted"))
    return findings
  }

  private func good(_ name: String, _ sentence: String) -> Finding {
    Finding(name: name, verdict: .good, sentence: sentence)
  }
  private func doubtful(_ name: String, _ sentence: String) -> Finding {
    Finding(name: name, verdict: .doubtful, sentence: sentence)
  }
  private func bad(_ name: String, _ sentence: String) -> Finding {
    Finding(name: name, verdict: .bad, sentence: sentence)
  }
}
