internal import Foundation

/// Starts a program that owes us nothing: a session of its own, none of our files, signals as they are by default.
///
/// swift-subprocess ends what it has started when the task that waits for it is cancelled, which is right for a command
/// and wrong for a worker that is to outlive the service.
enum Spawn {
  /// POSIX_SPAWN_SETSID, which glibc's header keeps for programs that ask for GNU's extensions.
  private static let newSession: Int32 = 0x80

  /// - Parameter files: what the program has as standard input, output and error.
  /// - Returns: its process number; whoever calls this has to wait for it some day (`waitpid`).
  static func detached(
    _ executable: String, environment: [String: String], files: [Int32]
  ) throws(LaunchFailure) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (place, file) in files.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, file, Int32(place))
    }
    // A listening socket that a worker inherits would keep the port from the next service.
    for file in openFiles() where file >= files.count { posix_spawn_file_actions_addclose(&actions, file) }

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var all = sigset_t()
    sigfillset(&all)
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | newSession
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(executable), nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, executable, &actions, &attributes, &arguments, &variables)
    guard code == 0 else {
      throw LaunchFailure("the worker \(executable) could not be started: \(String(cString: strerror(code)))")
    }
    return pid
  }

  /// Those that are closed by the time the worker starts are no error.
  private static func openFiles() -> [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.compactMap { Int32($0) }
  }
}
