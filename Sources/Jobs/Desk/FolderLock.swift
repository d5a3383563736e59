internal import Cluster
internal import Foundation

/// The right to carry out the jobs of a folder: one service at a time, whatever kills it.
final class FolderLock: Sendable {
  private let descriptor: Int32

  init(_ folder: String) throws(JobFailure) {
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw JobFailure(.unusable, "the folder \(folder) cannot be made: \(error.localizedDescription)")
    }
    let path = folder + "/service.lock"
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw JobFailure(.unusable, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard FileLock.take(descriptor) else {
      let holder =
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
      close(descriptor)
      throw JobFailure(
        .unusable,
        "another service is at work in \(folder) (\(holder.trimmingCharacters(in: .whitespacesAndNewlines))); end it, or name another data folder"
      )
    }
    let text = Array("pid \(getpid())\n".utf8)
    ftruncate(descriptor, 0)
    pwrite(descriptor, text, text.count, 0)
  }

  deinit { close(descriptor) }
}
