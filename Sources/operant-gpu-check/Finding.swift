import DeviceChecks
import Foundation

/// One result, printed as a JSON object on a line.
struct Finding: Encodable {
  enum Value: Encodable {
    case text(String)
    case number(Double)
    case flag(Bool)

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let value): try container.encode(value)
      // JSON has no infinity.
      case .number(let value) where !value.isFinite: try container.encode("\(value)")
      case .number(let value): try container.encode(value)
      case .flag(let value): try container.encode(value)
      }
    }
  }

  private var values: [String: Value]

  init(_ what: String, _ route: DeviceRoute, _ values: [String: Value]) {
    self.values = values
    self.values["what"] = .text(what)
    self.values["where"] = .text("\(route)")
  }

  func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }

  func print() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    FileHandle.standardOutput.write(try encoder.encode(self) + Data("\n".utf8))
  }
}
