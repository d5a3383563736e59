import Records

extension SchemaCompilation {
  /// A list: the elements of `prefixItems`, then those of `items`. With `prefixItems` alone there are no others, unless
  /// `minItems` asks for some.
  mutating func list(
    _ shape: SchemaShape, _ pointer: String, _ builder: inout GrammarBuilder
  ) -> Grammar.Node {
    let range = shape.elementCount
    if range.isEmpty { note(pointer, "asks for more elements than it allows") }
    let prefixCount = shape.parts.reduce(0) { max($0, $1.prefix.count) }
    var prefix: [Grammar.Node] = []
    for index in 0..<prefixCount {
      let parts = shape.parts.compactMap { index < $0.prefix.count ? $0.prefix[index] : $0.rest }
      prefix.append(node(for: parts, &builder))
    }
    let rest = shape.parts.compactMap(\.rest)
    let isOpen = prefixCount == 0 || !rest.isEmpty || range.least > prefixCount
    let comma = rules.comma(&builder)

    // From the end: what follows so many elements of the prefix.
    var tail = builder.add(.sequence([]))
    if isOpen {
      let item = node(for: rest, &builder)
      let count = CountRange(
        least: max(0, range.least - prefixCount), most: range.most.map { max(0, $0 - prefixCount) })
      if prefixCount == 0 {
        tail = builder.repetition(
          item, separator: comma, CountRange(least: max(1, count.least), most: count.most))
      } else {
        let next = builder.sequence([comma, item])
        tail = builder.repetition(next, count)
      }
    }
    for index in prefix.indices.reversed() {
      let element = builder.sequence(index > 0 ? [comma, prefix[index], tail] : [prefix[index], tail])
      if index > 0, index >= range.least {
        let end = builder.add(.sequence([]))
        tail = range.most.map { $0 <= index } ?? false ? end : builder.choice([element, end])
      } else {
        tail = range.most.map { $0 <= index } ?? false ? builder.add(.choice([])) : element
      }
    }
    var branches: [Grammar.Node] = []
    if range.least == 0 { branches.append(rules.list(nil, &builder)) }
    if range.most ?? 1 > 0 { branches.append(rules.list(tail, &builder)) }
    return builder.add(.choice(range.isEmpty ? [] : branches))
  }
}
