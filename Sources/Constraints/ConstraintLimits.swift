/// What a constraint may cost. All are far above what a schema needs that a person wrote, and low enough that no schema
/// takes a worker's memory or seconds of its time.
enum ConstraintLimits {
  /// Lists and objects inside each other in an answer, as everything that reads JSON has a limit.
  static let depth: Int32 = 64
  /// Blanks after a line break.
  static let indentation = 40
  /// Digits before the point, so that a whole number fits into 64 bits.
  static let wholeDigits = 18
  /// Digits after the point: as many as the shortest spelling of a binary fraction has before it takes an exponent.
  static let fractionDigits = 22
  /// Digits of a number with bounds, so that no two of them are the same in binary.
  static let boundedDigits = 15
  /// Digits of an exponent; with three, a number could be infinite.
  static let exponentDigits = 2

  static let schemaBytes = 1 << 20
  /// Subschemas looked at.
  static let places = 20_000
  static let grammarNodes = 100_000
  /// Branches of one choice after `anyOf` beside `anyOf` has been multiplied out.
  static let branches = 1_024
  /// Bytes of all values of an `enum`.
  static let enumBytes = 1 << 19
  /// States of the automaton of a pattern.
  static let automatonStates = 20_000
  /// States of the automaton of a range of numbers, which `multipleOf` makes many.
  static let numberStates = 100_000
  /// Edges looked at to make a pattern deterministic.
  static let effort = 8_000_000
  /// States of all patterns of a schema, where one that is refused counts as the most a pattern may have.
  static let patternStates = 60_000
  /// Subschemas that hold for one value.
  static let conjunction = 512
  static let nondeterministicStates = 100_000
  /// Table entries of all automata of a constraint.
  static let tableEntries = 8_000_000
  /// The largest `minItems` and `minLength`: an answer must end.
  static let leastCount = 100_000

  /// Ways to read the beginning of an answer that are followed at once. More are dropped, which narrows and breaks nothing.
  static let readings = 2_048
  /// Readings gone on with by one byte to find out which tokens may come next, while all rows of a shard wait. Where
  /// there is more to do, tokens that only some of the readings allow are left out.
  static let maskEffort = 200_000
  /// States of a constraint that are kept before the tables are begun anew.
  static let states = 16_384
  static let frames = 200_000
  /// Bytes of masks that a constraint keeps.
  static let maskBytes = 8 << 20
  /// Compiled constraints that a compiler keeps.
  static let compiled = 16
}
