import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A process of ours in a process group of its own, started without a shell.
///
/// `posix_spawn` itself, as a job's process must be the child of the thread that waits for it (bubblewrap's
/// `--die-with-parent` goes by the thread), and must inherit these descriptors and no others.
struct ChildProcess: ~Copyable {
  let id: pid_t

  /// Why a program could not be started.
  struct StartFailure: Error {
    let reason: String
  }

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - arguments: the program, looked up on our own PATH, and its arguments.
  ///   - descriptors: ours, in the order in which they become the child's 0, 1, 2 and so on.
  init(_ arguments: [String], environment: [String: String], descriptors: [Int32]) throws(StartFailure) {
    // Copied up first, so that none is overwritten while they are put into place.
    let copies = descriptors.map { fcntl($0, F_DUPFD_CLOEXEC, 64) }
    defer { for copy in copies where copy >= 0 { close(copy) } }
    guard copies.allSatisfy({ $0 >= 0 }) else {
      throw StartFailure(reason: "no file descriptors are left: \(String(cString: strerror(errno)))")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (place, copy) in copies.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, copy, Int32(place))
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    #if canImport(Darwin)
      flags |= POSIX_SPAWN_CLOEXEC_DEFAULT
    #else
      for open in Self.inheritedDescriptors where open >= copies.count {
        posix_spawn_file_actions_addclose(&actions, open)
      }
    #endif
    // A program of ours may ignore SIGPIPE; a child must not inherit that.
    var signals = sigset_t()
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] =
      environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var started: pid_t = 0
    let problem = posix_spawnp(&started, arguments[0], &actions, &attributes, &words, &variables)
    guard problem == 0 else {
      throw StartFailure(reason: "cannot run '\(arguments[0])': \(String(cString: strerror(problem)))")
    }
    id = started
  }

  /// Our descriptors that a child would inherit: those that some library opened without a thought for children.
  private static var inheritedDescriptors: [Int32] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    return names.compactMap { Int32($0) }.filter {
      let flags = fcntl($0, F_GETFD)
      return flags >= 0 && flags & FD_CLOEXEC == 0
    }
  }

  /// Ends the process's group, if it is there still, and takes note of its end.
  consuming func end() {
    kill(-id, SIGKILL)
    _ = wait(flags: 0)
  }

  /// Whether the process ends by itself within some seconds; it then has been taken note of.
  borrowing func ends(within seconds: Double) -> Int32? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let status = wait(flags: WNOHANG) { return status }
      guard ContinuousClock.now < deadline else { return nil }
      usleep(2_000)
    }
  }

  private borrowing func wait(flags: Int32) -> Int32? {
    var status: Int32 = 0
    while true {
      let waited = waitpid(id, &status, flags)
      if waited == id { return status }
      if waited == 0 { return nil }
      if errno != EINTR { return 0 }
    }
  }
}
