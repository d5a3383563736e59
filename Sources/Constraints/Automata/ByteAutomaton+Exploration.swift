extension ByteAutomaton {
  /// The automaton whose states are all that can be reached from `start`.
  ///
  /// - Parameter alphabet: bytes that `step` is asked about; all others lead nowhere.
  init<State: Hashable>(
    exploring start: State, over alphabet: [UInt8], limit: Int = ConstraintLimits.automatonStates,
    step: (State, UInt8) -> State?, isAccepting: (State) -> Bool
  ) throws(AutomatonTooLarge) {
    precondition(alphabet.count < 256, "the class of bytes outside the alphabet needs a number")
    var classes = [UInt8](repeating: 0, count: 256)
    for (index, byte) in alphabet.enumerated() { classes[Int(byte)] = UInt8(index + 1) }
    var names: [State: Int32] = [start: 0]
    var states = [start]
    var table: [Int32] = []
    var index = 0
    while index < states.count {
      table.append(-1)
      for byte in alphabet {
        guard let target = step(states[index], byte) else {
          table.append(-1)
          continue
        }
        if let name = names[target] {
          table.append(name)
        } else {
          if states.count == limit { throw AutomatonTooLarge() }
          table.append(Int32(states.count))
          names[target] = Int32(states.count)
          states.append(target)
        }
      }
      index += 1
    }
    // Bytes with equal columns become one class, as states are looked up by class later on.
    let width = alphabet.count + 1
    var merged: [[Int32]: UInt8] = [:]
    var columns: [Int] = []
    var renamed = [UInt8](repeating: 0, count: width)
    for column in 0..<width {
      let targets = states.indices.map { table[$0 * width + column] }
      if let name = merged[targets] {
        renamed[column] = name
      } else {
        renamed[column] = UInt8(columns.count)
        merged[targets] = renamed[column]
        columns.append(column)
      }
    }
    self.init(
      classes: classes.map { renamed[Int($0)] }, classCount: columns.count,
      next: states.indices.flatMap { state in columns.map { table[state * width + $0] } },
      isAccepting: states.map(isAccepting))
  }

  /// What both accept.
  func intersection(_ other: ByteAutomaton) throws(AutomatonTooLarge) -> ByteAutomaton {
    try product(other, keepsAlone: false) { $0 && $1 }
  }

  /// What this one accepts and the other does not.
  func subtracting(_ other: ByteAutomaton) throws(AutomatonTooLarge) -> ByteAutomaton {
    try product(other, keepsAlone: true) { $0 && !$1 }
  }

  private func product(
    _ other: ByteAutomaton, keepsAlone: Bool, accepts: (Bool, Bool) -> Bool
  ) throws(AutomatonTooLarge) -> ByteAutomaton {
    if isEmpty { return self }
    if other.isEmpty { return keepsAlone ? self : other }
    // One byte stands for all that neither tells apart.
    var classes = [UInt8](repeating: 0, count: 256)
    var kinds: [Int: UInt8] = [:]
    var samples: [UInt8] = []
    for byte in 0..<256 {
      let kind = Int(self.classes[byte]) << 8 | Int(other.classes[byte])
      if kinds[kind] == nil {
        kinds[kind] = UInt8(samples.count)
        samples.append(UInt8(byte))
      }
      classes[byte] = kinds[kind] ?? 0
    }
    struct Pair: Hashable { var left, right: Int32 }
    var names: [Pair: Int32] = [Pair(left: 0, right: 0): 0]
    var pairs = [Pair(left: 0, right: 0)]
    var table: [Int32] = []
    var index = 0
    while index < pairs.count {
      let pair = pairs[index]
      for byte in samples {
        let left = step(pair.left, byte)
        let right = pair.right < 0 ? -1 : other.step(pair.right, byte)
        guard left >= 0, right >= 0 || keepsAlone else {
          table.append(-1)
          continue
        }
        let target = Pair(left: left, right: right)
        if let name = names[target] {
          table.append(name)
        } else {
          if pairs.count == ConstraintLimits.automatonStates { throw AutomatonTooLarge() }
          table.append(Int32(pairs.count))
          names[target] = Int32(pairs.count)
          pairs.append(target)
        }
      }
      index += 1
    }
    return ByteAutomaton(
      classes: classes, classCount: samples.count, next: table,
      isAccepting: pairs.map { pair in
        accepts(isAccepting[Int(pair.left)], pair.right >= 0 && other.isAccepting[Int(pair.right)])
      })
  }
}
