internal import Foundation

/// Points in time as the wire has them: whole seconds since 1970.
package typealias UnixTime = Int

extension UnixTime {
  package static var now: UnixTime { UnixTime(Date().timeIntervalSince1970) }
}
