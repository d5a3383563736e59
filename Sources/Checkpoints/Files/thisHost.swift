import Foundation

/// This machine's name, as the kernel has it: Foundation asks the network, which may take seconds.
let thisHost: String = {
  var name = [CChar](repeating: 0, count: 256)
  guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
  return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}()
