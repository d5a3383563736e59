#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How a sandbox gets rid of root's powers, which it must not have: for uid 0 the kernel limits no number of
/// processes.
package enum SandboxDescent: Sendable, CaseIterable {
  /// There are none: we are a plain user.
  case none
  /// Bubblewrap as root, so that it can show folders that only root can reach; another user inside.
  case inside
  /// Another user from the start, so that bubblewrap runs as a plain user does: where root may not mount, as in some
  /// containers.
  case before

  /// Those to try, the best first.
  package static var candidates: [SandboxDescent] { geteuid() == 0 ? [.inside, .before] : [.none] }
}
