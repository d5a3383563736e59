import Foundation
import Testing

@testable import Cluster

struct FileLockTests {
  @Test func `a lock that is let go of soon is waited for, and one that is kept refuses`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "lock-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let one = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    let other = open(path, O_RDWR | O_CLOEXEC)
    defer { for file in [one, other] { close(file) } }
    #expect(FileLock.take(one))
    #expect(!FileLock.take(other, attempts: 2))
    // As a child that has become another program lets go of its copy.
    Thread.detachNewThread {
      usleep(50_000)
      flock(one, LOCK_UN)
    }
    #expect(FileLock.take(other, attempts: 10_000))
  }
}
