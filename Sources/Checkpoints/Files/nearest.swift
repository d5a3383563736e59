/// The candidate that a misspelt name most likely means: fewest edits, at most a third of its length; nil
/// when none is near.
func nearest(to name: String, among candidates: some Sequence<String>) -> String? {
  let wanted = Array(name.utf8)
  var best: (distance: Int, name: String)?
  for candidate in candidates {
    let distance = editDistance(wanted, Array(candidate.utf8))
    if distance <= max(2, wanted.count / 3),
      (distance, candidate) < (best?.distance ?? .max, best?.name ?? "")
    {
      best = (distance, candidate)
    }
  }
  return best?.name
}

private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for i in 0..<a.count {
    var diagonal = row[0]
    row[0] = i + 1
    for j in 0..<b.count {
      let substitution = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substitution, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
