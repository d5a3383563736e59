import Constraints
import Foundation
import Records

/// Answers drawn at random from what a constraint allows.
struct Walk {
  struct Stuck: Error, CustomStringConvertible {
    let description: String
  }

  let vocabulary: TokenVocabulary
  var random: SplitMix64
  private let closing: Set<Int32>

  init(_ vocabulary: TokenVocabulary, seed: UInt64) {
    self.vocabulary = vocabulary
    random = SplitMix64(seed: seed)
    let ends = ["\"", "}", "]", ",", "\"}", "\"]", "0", "n"].map { Array($0.utf8) }
    closing = Set(
      vocabulary.bytes.enumerated().filter { $0.element.map(ends.contains) ?? false }.map {
        Int32($0.offset)
      })
  }

  static func ids(_ mask: [UInt32]) -> [Int32] {
    var ids: [Int32] = []
    for (index, word) in mask.enumerated() where word != 0 {
      for bit in 0..<32 where word >> UInt32(bit) & 1 == 1 { ids.append(Int32(index * 32 + bit)) }
    }
    return ids
  }

  /// Goes to the end of an answer, choosing among the allowed tokens, with some favour for those that close something.
  mutating func answer(_ constraint: CompiledConstraint, limit: Int = 30_000) throws -> [UInt8] {
    var state = constraint.start()
    var bytes: [UInt8] = []
    let haste = Double.random(in: 0.1..<0.9, using: &random)
    for step in 0..<limit {
      let allowed = Self.ids(state.mask())
      let ends = allowed.filter { vocabulary.endIDs.contains($0) }
      guard state.isComplete == !ends.isEmpty else {
        throw Stuck(
          description: "completeness and end ids differ after \(String(decoding: bytes, as: UTF8.self))")
      }
      guard !allowed.isEmpty else {
        throw Stuck(description: "nothing is allowed after \(String(decoding: bytes, as: UTF8.self))")
      }
      guard state.mustEnd == (ends.count == allowed.count) else {
        throw Stuck(description: "mustEnd is wrong after \(String(decoding: bytes, as: UTF8.self))")
      }
      if !ends.isEmpty, ends.count == allowed.count || Double.random(in: 0..<1, using: &random) < 0.3 {
        return bytes
      }
      let hurries = Double.random(in: 0..<1, using: &random) < (step > 3_000 ? 0.97 : haste)
      let favoured = hurries ? allowed.filter { closing.contains($0) } : []
      let others = allowed.filter { !vocabulary.endIDs.contains($0) }
      guard let token = (favoured.isEmpty ? others : favoured).randomElement(using: &random) else {
        return bytes
      }
      guard state.advance(token) else {
        throw Stuck(description: "token \(token) is in the mask and refused")
      }
      bytes += vocabulary.bytes[Int(token)] ?? []
    }
    throw Stuck(
      description: "no end after \(limit) tokens: \(String(decoding: bytes.prefix(200), as: UTF8.self)) ... "
        + String(decoding: bytes.suffix(200), as: UTF8.self))
  }
}

extension TokenVocabulary {
  /// The longest token each time.
  func tokens(_ bytes: [UInt8]) -> [Int32] {
    var byText: [[UInt8]: Int32] = [:]
    for (id, text) in self.bytes.enumerated() {
      if let text, !endIDs.contains(Int32(id)) { byText[text] = Int32(id) }
    }
    let longest = byText.keys.map(\.count).max() ?? 1
    var tokens: [Int32] = []
    var position = 0
    while position < bytes.count {
      for length in (1...min(longest, bytes.count - position)).reversed() {
        guard let id = byText[Array(bytes[position..<position + length])] else { continue }
        tokens.append(id)
        position += length
        break
      }
    }
    return tokens
  }
}

extension CompiledConstraint {
  /// Where an answer is refused: nil when every token is in the mask of its place, is taken, and the whole is complete.
  func refusal(of tokens: [Int32], in vocabulary: TokenVocabulary, checkingMasks: Bool = true) -> String? {
    var state = start()
    var written: [UInt8] = []
    for token in tokens {
      let mask = checkingMasks ? state.mask() : []
      let isAllowed = !checkingMasks || mask[Int(token) >> 5] >> UInt32(token & 31) & 1 == 1
      let bytes = vocabulary.bytes[Int(token)] ?? []
      let isTaken = state.advance(token)
      if isTaken != isAllowed, checkingMasks { return "mask and advance differ" }
      if !isTaken {
        return "\(String(decoding: written, as: UTF8.self)) << \(String(decoding: bytes, as: UTF8.self))"
      }
      written += bytes
    }
    return state.isComplete ? nil : "\(String(decoding: written, as: UTF8.self)) is not complete"
  }
}

extension ConstraintState {
  func after(_ token: Int32) -> ConstraintState? {
    var state = self
    return state.advance(token) ? state : nil
  }

  /// Where these bytes lead when every byte is its own id; nil where they are refused.
  func after(_ bytes: some Sequence<UInt8>) -> ConstraintState? {
    var state = self
    for byte in bytes where !state.advance(Int32(byte)) { return nil }
    return state
  }
}
