import Foundation

/// Unicode's canonical composition, normalisation form C (UAX #15).
///
/// Foundation on Linux has it too, but composes across planes (U+20041 U+0301 gives U+00C1), counts one Hangul
/// jamo too many and does not sort marks that a decomposition brings. Its decomposition of a single scalar is
/// right and is what the tables here are made of.
///
/// Scalars newer than Unicode 9 are taken as unassigned: the reference implementation's tables are that old, and
/// the ids have to be the same.
enum CanonicalComposition {
  /// These bytes, valid UTF-8, in form C; nil when they are already.
  static func composed(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    // Below U+0300 everything is composed, and those scalars have lead bytes below 0xCC.
    guard text.contains(where: { $0 >= 0xCC }) else { return nil }
    let tables = self.tables
    let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
    guard scalars.contains(where: { tables.mayChange($0) }) else { return nil }
    var decomposed: [Mark] = []
    decomposed.reserveCapacity(scalars.count)
    for scalar in scalars { tables.append(scalar.value, to: &decomposed) }
    sortMarks(&decomposed)
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    for value in compose(decomposed, tables) {
      if let scalar = Unicode.Scalar(value) { output.append(contentsOf: UTF8.encode(scalar) ?? .init()) }
    }
    return output
  }

  /// This text in form C.
  static func composed(_ text: String) -> String {
    var text = text
    return text.withUTF8 { composed($0) }.map { String(decoding: $0, as: UTF8.self) } ?? text
  }

  /// A scalar of a decomposed text with its combining class: 0 for one that starts a cluster.
  private struct Mark {
    var value: UInt32
    var order: UInt8
  }

  /// Canonical ordering: between starters, marks by combining class, equal ones as they came.
  private static func sortMarks(_ marks: inout [Mark]) {
    var start = 0
    while start < marks.count {
      guard marks[start].order != 0 else {
        start += 1
        continue
      }
      var end = start
      while end < marks.count, marks[end].order != 0 { end += 1 }
      if end - start > 1 {
        let sorted = marks[start..<end].enumerated().sorted {
          ($0.element.order, $0.offset) < ($1.element.order, $1.offset)
        }
        marks.replaceSubrange(start..<end, with: sorted.map(\.element))
      }
      start = end
    }
  }

  /// Joins each starter with the marks behind it that nothing blocks.
  private static func compose(_ marks: [Mark], _ tables: Tables) -> [UInt32] {
    var output: [UInt32] = []
    output.reserveCapacity(marks.count)
    var starter: Int?
    var lastOrder: UInt8 = 0
    for mark in marks {
      if let place = starter {
        let isNext = place == output.count - 1
        let isBlocked = !isNext && (lastOrder == 0 || lastOrder >= mark.order)
        if !isBlocked, let composite = tables.composite(output[place], mark.value) {
          output[place] = composite
          continue
        }
      }
      if mark.order == 0 { starter = output.count }
      lastOrder = mark.order
      output.append(mark.value)
    }
    return output
  }

  private static let tables = Tables()

  private struct Tables: Sendable {
    private static let syllables: UInt32 = 0xAC00
    private static let leads: UInt32 = 0x1100
    private static let vowels: UInt32 = 0x1161
    /// One below the first: a syllable without a tail counts as tail 0.
    private static let tails: UInt32 = 0x11A7

    /// Full decompositions, Hangul apart.
    private var decompositions: [UInt32: [UInt32]] = [:]
    private var composites: [UInt64: UInt32] = [:]
    /// Scalars that join with one before them.
    private var seconds: Set<UInt32> = []
    /// `mayChange` for the basic plane, a lookup for each scalar of a text.
    private var changes: [Bool] = []

    /// Where scalars with a canonical decomposition are.
    private static let places: [Range<UInt32>] = [
      0xC0..<0x3100, 0xF900..<0xFB50, 0x10000..<0x12000, 0x16000..<0x17000, 0x1D000..<0x1D200,
      0x2F800..<0x2FA20,
    ]

    init() {
      for value in Self.places.joined() {
        guard let scalar = Unicode.Scalar(value), Self.isKnown(scalar) else { continue }
        let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars.map(\.value)
        if parts != [value] { decompositions[value] = parts }
      }
      // Shorter ones first: the front part of a longer decomposition is a composite itself.
      for (value, parts) in decompositions.sorted(by: { ($0.value.count, $0.key) < ($1.value.count, $1.key) })
      {
        guard let scalar = Unicode.Scalar(value), !scalar.properties.isFullCompositionExclusion,
          let last = parts.last, parts.count > 1
        else { continue }
        let front = parts[1..<(parts.count - 1)].reduce(parts[0]) { front, part in
          composites[Self.key(front, part)] ?? front
        }
        composites[Self.key(front, last)] = value
        seconds.insert(last)
      }
      changes = (0..<0x10000).map { value in
        Unicode.Scalar(UInt32(value)).map { [self] in computeMayChange($0) } ?? false
      }
    }

    private static func isKnown(_ scalar: Unicode.Scalar) -> Bool {
      (scalar.properties.age?.major ?? .max) <= 9
    }

    private static func order(_ scalar: Unicode.Scalar) -> UInt8 {
      let order = scalar.properties.canonicalCombiningClass.rawValue
      return order != 0 && isKnown(scalar) ? order : 0
    }

    private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 {
      UInt64(first) << 32 | UInt64(second)
    }

    /// Whether a text with this scalar may not be in form C.
    func mayChange(_ scalar: Unicode.Scalar) -> Bool {
      scalar.value < 0x10000 ? changes[Int(scalar.value)] : computeMayChange(scalar)
    }

    private func computeMayChange(_ scalar: Unicode.Scalar) -> Bool {
      let value = scalar.value
      let isJamo = (0x1161...0x1175).contains(value) || (0x11A8...0x11C2).contains(value)
      return isJamo || seconds.contains(value)
        || Self.order(scalar) != 0
        || (decompositions[value] != nil && scalar.properties.isFullCompositionExclusion)
    }

    func append(_ value: UInt32, to output: inout [Mark]) {
      if value >= Self.syllables, value < Self.syllables + 11172 {
        let index = value - Self.syllables
        output.append(Mark(value: Self.leads + index / 588, order: 0))
        output.append(Mark(value: Self.vowels + index % 588 / 28, order: 0))
        if index % 28 > 0 { output.append(Mark(value: Self.tails + index % 28, order: 0)) }
        return
      }
      for part in decompositions[value] ?? [value] {
        output.append(Mark(value: part, order: Unicode.Scalar(part).map(Self.order) ?? 0))
      }
    }

    func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
      if (Self.leads..<Self.leads + 19).contains(first), (Self.vowels..<Self.vowels + 21).contains(second) {
        return Self.syllables + (first - Self.leads) * 588 + (second - Self.vowels) * 28
      }
      if (Self.syllables..<Self.syllables + 11172).contains(first), (first - Self.syllables) % 28 == 0,
        (Self.tails + 1..<Self.tails + 28).contains(second)
      {
        return first + second - Self.tails
      }
      return composites[Self.key(first, second)]
    }
  }
}
