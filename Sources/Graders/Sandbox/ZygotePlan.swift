import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What one warm process is made for; jobs that need the same share it.
struct ZygotePlan: Sendable, Hashable {
  var isolation: GraderSurroundings.Isolation
  var interpreter: PythonInterpreter
  var moduleFolders: [String]
  var readOnlyFolders: [String]
  var preload: [String]
  var modules: [PythonModule]

  init(for job: SandboxJob, isolation: GraderSurroundings.Isolation) throws(PythonInterpreter.NotFound) {
    for folder in job.readOnlyFolders + job.python.folders {
      if let problem = SandboxFolders.problem(folder) { throw PythonInterpreter.NotFound(reason: problem) }
    }
    self.isolation = isolation
    interpreter = try .resolve(job.python.path)
    moduleFolders = job.python.folders
    readOnlyFolders = job.readOnlyFolders
    preload = job.python.preload
    modules = job.python.modules
  }

  /// The environment of the process and of the jobs in it.
  var environment: [String: String] {
    let home = URL(fileURLWithPath: interpreter.executable).deletingLastPathComponent().path
    return [
      "PATH": ([home] + ["/usr/local/bin", "/usr/bin", "/bin"].filter { $0 != home }).joined(separator: ":"),
      "LANG": "C.UTF-8", "TZ": "UTC",
      // The order of sets is part of what a grader computes, so it is the same in every process.
      "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1",
      "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
    ]
  }

  /// The folders to show, outer ones first.
  var folders: [String] { SandboxFolders.seen(interpreter.folders + moduleFolders + readOnlyFolders) }

  /// The whole command line.
  func command(_ descent: SandboxDescent) -> [String] {
    switch isolation {
    case .unsafe: python
    case .sandboxed:
      switch descent {
      case .none: ["bwrap", "--unshare-all"] + root(mountsProcesses: true) + ["--"] + python
      case .before:
        Self.otherUser + ["bwrap", "--unshare-all"] + root(mountsProcesses: true) + ["--"] + python
      case .inside:
        // Root's bubblewrap covers parts of /proc, and the kernel then refuses a job a /proc of its own.
        [
          "bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try",
        ] + root(mountsProcesses: false) + [
          "--", "/bin/sh", "-c", #"mount -t proc -o nosuid,nodev,noexec proc /proc && exec "$@""#, "sh",
        ] + Self.otherUser + ["--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"] + python
      }
    }
  }

  /// Reads the rest of its program from the channel.
  private static let bootstrap = """
    import os
    def read(count):
        data = b""
        while len(data) < count:
            part = os.read(3, count - len(data))
            if not part: raise SystemExit(1)
            data += part
        return data
    exec(compile(read(int.from_bytes(read(4), "little")), "zygote.py", "exec"))
    """

  private var python: [String] {
    [interpreter.executable] + (interpreter.hasPackages ? [] : ["-S"])
      + ["-s", "-B", "-X", "utf8", "-c", Self.bootstrap]
  }

  private func root(mountsProcesses: Bool) -> [String] {
    var words = ["--die-with-parent", "--new-session", "--clearenv"]
    for (name, value) in environment.sorted(by: { $0.key < $1.key }) { words += ["--setenv", name, value] }
    words += ["--ro-bind", "/usr", "/usr"]
    for name in ["bin", "sbin", "lib", "lib32", "lib64"] {
      if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/" + name) {
        words += ["--symlink", target, "/" + name]
      } else {
        words += ["--ro-bind-try", "/" + name, "/" + name]
      }
    }
    // For packages that write while they are loaded (matplotlib); jobs have one of their own in its place.
    words += ["--perms", "1777", "--size", "\(64 << 20)", "--tmpfs", "/tmp"]
    for folder in Self.parents(of: folders) + ["/etc"] { words += ["--dir", folder] }
    for name in ["ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives"] {
      words += ["--ro-bind-try", "/etc/" + name, "/etc/" + name]
    }
    words += mountsProcesses ? ["--proc", "/proc"] : ["--dir", "/proc"]
    words += ["--dev", "/dev"]
    for name in ["/box", "/given", "/scratch"] { words += ["--dir", name] }
    for folder in folders { words += ["--ro-bind", folder, folder] }
    return words + ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"]
  }

  /// The folders on the way to these, outer ones first. Those that bubblewrap makes by itself are for root alone.
  private static func parents(of folders: [String]) -> [String] {
    var parents: Set<String> = []
    for folder in folders {
      var place = folder[...]
      while let slash = place.lastIndex(of: "/"), slash > place.startIndex {
        place = place[..<slash]
        parents.insert(String(place))
      }
    }
    return parents.sorted()
  }

  /// `setpriv` to a user that nobody is.
  private static var otherUser: [String] {
    ["setpriv", "--reuid=\(freeUser)", "--regid=\(freeUser)", "--clear-groups"]
  }

  /// The highest id of the usual range that no account has: a sandbox must not share its user with anyone.
  private static let freeUser: UInt32 = {
    var id: UInt32 = 65_533
    while id > 60_000, hasAccount(id) { id -= 1 }
    return id
  }()

  private static func hasAccount(_ id: UInt32) -> Bool {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    return getpwuid_r(id, &entry, &buffer, buffer.count, &found) == 0 && found != nil
  }
}
