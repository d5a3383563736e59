/// The name a person most likely meant, or nil when none is near: at most a third of the letters may differ
/// (insertions, deletions, substitutions and swapped neighbours).
package func nearestName(to given: String, among names: some Sequence<String>) -> String? {
  let word = Array(given.lowercased().utf8)
  var best: (name: String, distance: Int)?
  for name in names {
    let candidate = Array(name.lowercased().utf8)
    let allowed = max(1, max(word.count, candidate.count) / 3)
    guard abs(word.count - candidate.count) <= allowed else { continue }
    let distance = editDistance(word, candidate)
    if distance <= allowed, distance < best?.distance ?? .max { best = (name, distance) }
  }
  return best?.name
}

/// Restricted Damerau-Levenshtein distance.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
