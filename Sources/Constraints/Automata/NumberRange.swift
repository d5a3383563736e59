/// The numbers that a schema allows.
struct NumberRange: Sendable, Hashable {
  struct Bound: Sendable, Hashable {
    var value: Decimal
    var isExclusive: Bool
  }
  var low: Bound?
  var high: Bound?
  /// Above 0.
  var step: Decimal?
  var isWhole = false

  var isAny: Bool { low == nil && high == nil && step == nil }

  mutating func raise(to bound: Bound) {
    guard let low else {
      low = bound
      return
    }
    if bound.value > low.value || (bound.value == low.value && bound.isExclusive) { self.low = bound }
  }

  mutating func lower(to bound: Bound) {
    guard let high else {
      high = bound
      return
    }
    if bound.value < high.value || (bound.value == high.value && bound.isExclusive) { self.high = bound }
  }

  func holds(for value: Decimal) -> Bool {
    if isWhole, !value.fraction.isEmpty { return false }
    if let low, value < low.value || (low.isExclusive && value == low.value) { return false }
    if let high, value > high.value || (high.isExclusive && value == high.value) { return false }
    return true
  }
}

/// The digits of a number below no sign, between two bounds: what has been read, as far as the rest depends on it.
private struct DigitReading: Hashable {
  enum Phase: Hashable { case start, whole, point, fraction }
  var phase = Phase.start
  var isNegative = false
  /// Digits before the point, and after it.
  var whole = 0
  var fraction = 0
  var isZero = true
  /// How the digits read compare with as many of each bound's: -1, 0 or 1.
  var low = 0
  var high = 0
  /// What is left over when the digits, without the point, are divided by the step's.
  var remainder = 0
}

extension ByteAutomaton {
  /// The spelling of every number of a range, as far as the limits on digits go. Without a bound or a step fractions may
  /// have an exponent. -0 is not among them.
  ///
  /// - Throws: when the step has so many digits that the remainders make too many states.
  static func number(_ range: NumberRange) throws(AutomatonTooLarge) -> ByteAutomaton {
    if range.isAny, !range.isWhole { return anyNumber }
    let walk = DigitWalk(range)
    guard walk.isCountable else { throw AutomatonTooLarge() }
    return try ByteAutomaton(
      exploring: DigitReading(), over: Array("-.0123456789".utf8),
      limit: ConstraintLimits.numberStates, step: walk.step, isAccepting: walk.isNumber)
  }

  private static let anyNumber: ByteAutomaton = {
    let digits = Array("0123456789".utf8)
    struct Reading: Hashable {
      enum Phase: Hashable { case start, minus, zero, whole, point, fraction, exponent, sign, power }
      var phase: Phase
      var count = 0
    }
    func digit(_ reading: Reading, isZero: Bool) -> Reading? {
      switch reading.phase {
      case .start, .minus: Reading(phase: isZero ? .zero : .whole, count: 1)
      case .zero: nil
      case .whole: reading.count < ConstraintLimits.wholeDigits ? next(reading) : nil
      case .point: Reading(phase: .fraction, count: 1)
      case .fraction: reading.count < ConstraintLimits.fractionDigits ? next(reading) : nil
      case .exponent, .sign: Reading(phase: .power, count: 1)
      case .power: reading.count < ConstraintLimits.exponentDigits ? next(reading) : nil
      }
    }
    func next(_ reading: Reading) -> Reading { Reading(phase: reading.phase, count: reading.count + 1) }
    func step(_ reading: Reading, _ byte: UInt8) -> Reading? {
      let isWhole = reading.phase == .zero || reading.phase == .whole
      switch byte {
      case 0x2D: return reading.phase == .start ? Reading(phase: .minus) : sign(reading)
      case 0x2B: return sign(reading)
      case 0x2E: return isWhole ? Reading(phase: .point) : nil
      case 0x45, 0x65: return isWhole || reading.phase == .fraction ? Reading(phase: .exponent) : nil
      default: return digit(reading, isZero: byte == 0x30)
      }
    }
    func sign(_ reading: Reading) -> Reading? { reading.phase == .exponent ? Reading(phase: .sign) : nil }
    let automaton = try? ByteAutomaton(
      exploring: Reading(phase: .start), over: digits + Array("-+.eE".utf8), step: step,
      isAccepting: { [.zero, .whole, .fraction, .power].contains($0.phase) })
    guard let automaton else { preconditionFailure("the automaton of numbers has fewer than 100 states") }
    return automaton
  }()
}

/// The rules by which `DigitReading`s follow each other.
private struct DigitWalk {
  let range: NumberRange
  /// The bounds on the digits of numbers above 0, and of those below.
  private let positive: Sides?
  private let negative: Sides?
  /// The step's digits as a whole number, and how many of them are after the point.
  private var divisor = 1
  private var stepFraction = 0
  private let wholeLimit: Int
  private let fractionLimit: Int
  private let limit: Int
  private(set) var isCountable = true

  struct Sides {
    var low: NumberRange.Bound
    var high: NumberRange.Bound?
  }

  init(_ range: NumberRange) {
    self.range = range
    let zero = NumberRange.Bound(value: .zero, isExclusive: false)
    let zeroExcluded = NumberRange.Bound(value: .zero, isExclusive: true)
    // The digits of a number at least 0 that is at least `low` and at most `high`.
    func sides(_ low: NumberRange.Bound?, _ high: NumberRange.Bound?, least: NumberRange.Bound) -> Sides? {
      if let high, high.value.isNegative { return nil }
      guard let low, !low.value.isNegative, !(low.value.isZero && !low.isExclusive) else {
        return Sides(low: least, high: high)
      }
      return Sides(low: low, high: high)
    }
    func mirrored(_ bound: NumberRange.Bound?) -> NumberRange.Bound? {
      bound.map { NumberRange.Bound(value: $0.value.negated, isExclusive: $0.isExclusive) }
    }
    positive = sides(range.low, range.high, least: zero)
    negative = sides(mirrored(range.high), mirrored(range.low), least: zeroExcluded)
    let isBounded = range.low != nil || range.high != nil
    wholeLimit = ConstraintLimits.wholeDigits
    fractionLimit = range.isWhole ? 0 : ConstraintLimits.fractionDigits
    limit =
      range.isWhole
      ? ConstraintLimits.wholeDigits
      : isBounded || range.step != nil
        ? ConstraintLimits.boundedDigits : ConstraintLimits.wholeDigits + ConstraintLimits.fractionDigits
    guard let step = range.step else { return }
    stepFraction = step.fraction.count
    // A whole number is a multiple of 2.5 where its tenfold is one of 25.
    var digits = 0
    for digit in step.whole + step.fraction {
      digits = digits * 10 + Int(digit)
      if digits > 100_000 { isCountable = false }
      digits = min(digits, 100_000)
    }
    divisor = max(1, digits)
  }

  private func sides(_ reading: DigitReading) -> Sides? { reading.isNegative ? negative : positive }

  func step(_ reading: DigitReading, _ byte: UInt8) -> DigitReading? {
    var next = reading
    switch byte {
    case 0x2D:
      guard reading.phase == .start, !reading.isNegative, negative != nil else { return nil }
      next.isNegative = true
      return next
    case 0x2E:
      guard reading.phase == .whole, !range.isWhole, fractionLimit > 0 else { return nil }
      // From here on the whole parts compare as numbers, not digit by digit.
      guard let sides = sides(reading) else { return nil }
      next.low = compared(reading, reading.low, sides.low.value)
      next.high = sides.high.map { compared(reading, reading.high, $0.value) } ?? -1
      if next.low < 0 || next.high > 0 { return nil }
      next.phase = .point
      // How many digits there were matters no more but for how many may follow.
      let digits = range.step == nil ? fractionLimit : min(fractionLimit, stepFraction)
      next.whole = limit - min(digits, limit - reading.whole)
      return next
    default:
      guard let sides = sides(reading) else { return nil }
      let digit = byte - 0x30
      switch reading.phase {
      case .start:
        next.phase = .whole
        next.whole = 1
        next.isZero = digit == 0
      case .whole:
        guard !reading.isZero, reading.whole < min(wholeLimit, limit) else { return nil }
        next.whole += 1
      case .point, .fraction:
        guard reading.whole + reading.fraction < limit else { return nil }
        next.phase = .fraction
        next.fraction += 1
      }
      let isFraction = next.phase == .fraction
      let place = isFraction ? next.fraction - 1 : next.whole - 1
      func digitOf(_ bound: Decimal) -> UInt8? {
        let digits = isFraction ? bound.fraction : bound.whole
        return place < digits.count ? digits[place] : isFraction ? 0 : nil
      }
      if sides.low.value.isZero, !sides.low.isExclusive {
        next.low = 1
      } else if next.low == 0, let other = digitOf(sides.low.value) {
        next.low = sign(digit, other)
      }
      if let high = sides.high {
        if next.high == 0, let other = digitOf(high.value) { next.high = sign(digit, other) }
      } else {
        next.high = -1
      }
      if isFraction, next.low < 0 || next.high > 0 { return nil }
      next.remainder = (reading.remainder * 10 + Int(digit)) % divisor
      return next
    }
  }

  private func sign(_ a: UInt8, _ b: UInt8) -> Int { a < b ? -1 : a > b ? 1 : 0 }

  /// Where the whole part read stands to a bound's.
  private func compared(_ reading: DigitReading, _ digits: Int, _ bound: Decimal) -> Int {
    reading.whole != bound.whole.count ? (reading.whole < bound.whole.count ? -1 : 1) : digits
  }

  /// Whether what was read is a number of the range.
  func isNumber(_ reading: DigitReading) -> Bool {
    guard reading.phase == .whole || reading.phase == .fraction, let sides = sides(reading) else {
      return false
    }
    func order(_ digits: Int, _ bound: Decimal) -> Int {
      let order = reading.phase == .whole ? compared(reading, digits, bound) : digits
      // The bound goes on with digits that this number does not have.
      return order == 0 && bound.fraction.count > reading.fraction ? -1 : order
    }
    let low = order(reading.low, sides.low.value)
    if low < 0 || (low == 0 && sides.low.isExclusive) { return false }
    if let bound = sides.high {
      let high = order(reading.high, bound.value)
      if high > 0 || (high == 0 && bound.isExclusive) { return false }
    }
    var remainder = reading.remainder
    for _ in 0..<max(0, stepFraction - reading.fraction) { remainder = remainder * 10 % divisor }
    return remainder == 0
  }
}
