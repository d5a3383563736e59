package import Foundation

/// Writes scalars as a TensorBoard event file.
///
/// An event file is a row of records, each framed as length, masked CRC-32C of the length, payload, masked
/// CRC-32C of the payload; a payload is the protocol buffer `tensorflow.Event`, of which three fields in use
/// are not worth a code generator.
package final class TensorBoardWriter {
  private static let prefix = "events.out.tfevents."
  private var file: OutputFile

  /// Starts a new event file in a folder, which is made when it is not there.
  ///
  /// - Parameter step: the first step that will be written. When there are earlier files, readers forget what
  ///   those say of this step and later ones, so that nothing is shown twice.
  package init(folder: String, resumingAt step: Int = 0, now: Date = Date()) throws(StorageError) {
    try Folder.make(folder)
    // Readers take the files in the order of their names, so a new one must come after those there are, even
    // when the clock was set back or the last one is of this second.
    let last = try Folder.names(in: folder).compactMap { name -> Int? in
      name.hasPrefix(Self.prefix) ? Int(name.dropFirst(Self.prefix.count).prefix { $0 != "." }) : nil
    }.max()
    let seconds = max(Int(now.timeIntervalSince1970), last.map { $0 + 1 } ?? 0)
    file = try OutputFile(creating: "\(folder)/\(Self.prefix)\(seconds).\(thisHost).\(getpid()).0")
    let time = now.timeIntervalSince1970
    try append(TensorBoardEvent(wallTime: time, step: 0, content: .fileVersion))
    if last != nil { try append(TensorBoardEvent(wallTime: time, step: step, content: .sessionStart)) }
  }

  /// Writes the scalars of a step; names with slashes are grouped by what is before the first.
  ///
  /// - Parameter wallTime: seconds since 1970.
  package func write(
    step: Int, wallTime: Double = Date().timeIntervalSince1970, scalars: [(name: String, value: Double)]
  ) throws(StorageError) {
    try append(TensorBoardEvent(wallTime: wallTime, step: step, content: .scalars(scalars)))
  }

  private func append(_ event: TensorBoardEvent) throws(StorageError) {
    let payload = event.encoded
    let length = Self.bytes(of: UInt64(payload.count))
    try file.write(
      length + Self.bytes(of: CRC32C.masked(length)) + payload + Self.bytes(of: CRC32C.masked(payload)))
  }

  private static func bytes(of value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
