import Foundation
import Records
import Synchronization

/// An interpreter of this machine, found and asked for its folders.
struct PythonInterpreter: Sendable, Hashable {
  /// The program itself, never a shim of a version manager: those are shell scripts and take 0.1 s.
  var executable: String
  /// What it needs to see to run, beside `/usr`.
  var folders: [String]
  /// Whether its packages are imported from; without, the standard library is all there is.
  var hasPackages: Bool

  struct NotFound: Error {
    let reason: String
  }

  /// What `SandboxPython.path` names: an interpreter, the folder of a virtual environment, or nil for the system's.
  static func resolve(_ path: String?) throws(NotFound) -> PythonInterpreter {
    if let known = found.withLock({ $0[path] }) { return try known.get() }
    let result: Result<PythonInterpreter, NotFound>
    do throws(NotFound) {
      result = .success(try find(path))
    } catch {
      result = .failure(error)
    }
    found.withLock { $0[path] = result }
    return try result.get()
  }

  private static let found = Mutex<[String?: Result<PythonInterpreter, NotFound>]>([:])

  private static func find(_ path: String?) throws(NotFound) -> PythonInterpreter {
    if let path { try named(path) } else { try system() }
  }

  private static func named(_ path: String) throws(NotFound) -> PythonInterpreter {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw NotFound(
        reason: "there is no Python at '\(path)'; expected an interpreter or a virtual environment")
    }
    let program = isFolder.boolValue ? path + "/bin/python3" : path
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw NotFound(reason: "'\(program)' is not a program that can be run; expected a Python interpreter")
    }
    return try asked(program, hasPackages: true)
  }

  private static func system() throws(NotFound) -> PythonInterpreter {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders = ["/usr/bin", "/usr/local/bin"] + path.split(separator: ":").map(String.init)
    var problem = "there is no python3 on the PATH; install it, or name one with 'python' or OPERANT_PYTHON"
    for folder in folders where FileManager.default.isExecutableFile(atPath: folder + "/python3") {
      do throws(NotFound) {
        return try asked(folder + "/python3", hasPackages: false)
      } catch {
        problem = error.reason
      }
    }
    throw NotFound(reason: problem)
  }

  /// A shim answers with the interpreter that it leads to.
  private static let question = """
    import json, os, sys
    if sys.version_info < (3, 8): sys.exit("version 3.8 or later is needed")
    import ctypes, resource
    home = os.path.realpath(os.path.dirname(sys.executable))
    own = os.path.join(home, os.path.basename(sys.executable))
    print(json.dumps([own, home, sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix,
      os.path.dirname(os.path.realpath(own))]
      # Packages that live elsewhere: installed for editing, or taken from another environment.
      + [p for p in sys.path if os.path.isdir(p)]))
    """

  private static func asked(_ program: String, hasPackages: Bool) throws(NotFound) -> PythonInterpreter {
    let output: HostCommand.Output
    do throws(ChildProcess.StartFailure) {
      output = try HostCommand.run(
        [program, "-I", "-c", question], environment: ProcessInfo.processInfo.environment, seconds: 30)
    } catch {
      throw NotFound(reason: error.reason)
    }
    let answer = try? JSONValue(parsing: output.standardOutput).array?.compactMap(\.string)
    guard output.status == 0, let answer, answer.count >= 7 else {
      let last = String(decoding: output.standardError, as: UTF8.self).split(separator: "\n").last ?? ""
      throw NotFound(reason: "'\(program)' is no usable Python interpreter: \(last)")
    }
    return PythonInterpreter(
      executable: answer[0], folders: SandboxFolders.seen(answer.dropFirst()), hasPackages: hasPackages)
  }
}
