import Foundation
import Records

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A warm process that runs one job after another, each in a fork of its own. Belongs to one thread.
final class Zygote {
  private var process: ChildProcess?
  private let channel: ZygoteChannel
  /// Where jobs without a sandbox have their folders; the process removes it when it leaves by itself.
  private let folder: String?

  /// Starts the process and waits until it is ready.
  ///
  /// - Throws: why it is not, with what bubblewrap or Python said.
  init(_ plan: ZygotePlan, _ descent: SandboxDescent) throws(ChildProcess.StartFailure) {
    let (ours, child) = try ZygoteChannel.pair()
    defer { close(child) }
    channel = ZygoteChannel(owning: ours)
    let log = try UnnamedFile()
    let silence = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(silence) }
    folder = plan.isolation == .unsafe ? try Self.scratchFolder() : nil
    // Bubblewrap gives what runs inside the plan's environment.
    let variables =
      plan.isolation == .sandboxed ? ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"] : plan.environment
    process = try ChildProcess(
      plan.command(descent), environment: variables, descriptors: [silence, silence, log.descriptor, child])
    do throws(ZygoteChannel.Failure) {
      let deadline = ContinuousClock.now + .seconds(60)
      try channel.send(Self.program, by: deadline)
      try channel.send(zygoteFrame(Self.welcome(plan, folder: folder)), by: deadline)
      let answer = try channel.receive(by: deadline, limit: 0) { false }
      if let reason = answer.header["reason"]?.string { throw .malformed(reason) }
    } catch {
      end()
      throw ChildProcess.StartFailure(reason: Self.sentence(error, log: log.contents))
    }
  }

  deinit { end() }

  /// Runs a job; nil when the zygote is of no more use and what came of the job is unknown.
  func run(_ job: SandboxJob, isCancelled: () -> Bool) -> SandboxResult? {
    let deadline = ContinuousClock.now + .seconds(job.limits.wallSeconds + 15)
    let limit = job.limits.resultBytes * 2 + job.limits.outputBytes * 2 + (1 << 20)
    do throws(ZygoteChannel.Failure) {
      try channel.send(job.frame, by: deadline)
      return SandboxResult(try channel.receive(by: deadline, limit: limit, isCancelled: isCancelled))
    } catch {
      end()
      return switch error {
      case .cancelled: .cancelled
      case .deadline: SandboxResult(.timedOut(.wall), wallSeconds: job.limits.wallSeconds)
      case .closed, .malformed: nil
      }
    }
  }

  /// Whether it can take another job.
  var isAlive: Bool { process != nil }

  private func end() {
    guard let running = process.take() else { return }
    running.end()
    if let folder { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// The Python part, as one program with its length in front.
  private static let program: [UInt8] = {
    let parts = [
      PackageResources.confinement_py, PackageResources.frames_py, PackageResources.supervisor_py,
      PackageResources.keeper_py, PackageResources.job_py, PackageResources.zygote_py,
    ]
    let text = Array(parts.joined(separator: [UInt8(ascii: "\n")]))
    return (0..<4).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
  }()

  private static func scratchFolder() throws(ChildProcess.StartFailure) -> String {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("operant-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw ChildProcess.StartFailure(reason: "no temporary folder can be made: \(error)")
    }
    return folder.path
  }

  private static func welcome(_ plan: ZygotePlan, folder: String?) -> JSONValue {
    let covered = plan.folders.filter { $0.hasPrefix("/tmp/") || $0.hasPrefix("/dev/shm/") }
    return [
      "mode": plan.isolation == .sandboxed ? "namespaces" : "plain",
      "folders": .array(plan.moduleFolders.map(JSONValue.string)),
      "preload": .array(plan.preload.map(JSONValue.string)),
      "modules": .array(plan.modules.map { ["name": .string($0.name), "source": .string($0.source)] }),
      "covered": .array(covered.map(JSONValue.string)),
      "scratch": folder.map(JSONValue.string) ?? .null,
    ]
  }

  private static func sentence(_ failure: ZygoteChannel.Failure, log: [UInt8]) -> String {
    let last = String(decoding: log, as: UTF8.self).split(separator: "\n").last.map(String.init)
    return switch failure {
    case .deadline: "the sandbox was not ready within 60 seconds"
    case .cancelled: "the run was cancelled"
    case .malformed(let reason): reason
    case .closed: last ?? "the sandbox's process ended before it was ready"
    }
  }
}
