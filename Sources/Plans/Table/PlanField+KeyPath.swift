import Records

extension PlanField {
  static func integer(
    _ path: String, _ place: any WritableKeyPath<Plan, Int> & Sendable, from low: Int,
    through high: Int = .max,
    _ doc: String
  ) -> PlanField {
    PlanField(
      path, .integer(low...high), doc,
      get: { .integer($0[keyPath: place]) },
      set: { if let value = $1.integer { $0[keyPath: place] = value } })
  }

  static func number(
    _ path: String, _ place: any WritableKeyPath<Plan, Double> & Sendable, _ range: NumberRange,
    _ doc: String,
    defaultNote: String? = nil
  ) -> PlanField {
    PlanField(
      path, .number(range), doc, defaultNote: defaultNote,
      get: { .number($0[keyPath: place]) },
      set: { if let value = $1.double { $0[keyPath: place] = value } })
  }

  static func choice<Word: RawRepresentable<String> & CaseIterable & Sendable>(
    _ path: String, _ place: any WritableKeyPath<Plan, Word> & Sendable, _ doc: String,
    defaultNote: String? = nil
  ) -> PlanField {
    PlanField(
      path, .choice(Word.allCases.map(\.rawValue)), doc, defaultNote: defaultNote,
      get: { .string($0[keyPath: place].rawValue) },
      set: { plan, value in
        if let word = value.string.flatMap(Word.init(rawValue:)) { plan[keyPath: place] = word }
      })
  }

  /// The same field, written only where `isUsed` holds.
  func written(where isUsed: @escaping @Sendable (Plan) -> Bool) -> PlanField {
    let get = self.get
    return PlanField(
      path, kind, doc, defaultNote: defaultNote, get: { isUsed($0) ? get($0) : nil }, set: set)
  }
}
