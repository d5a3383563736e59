/// How wins become a score from 0 to 1.
enum PairwiseScoring: String, CaseIterable, Sendable {
  /// Share of the comparisons won, a tie being half a win.
  case meanWins = "mean_wins"
  /// How probably the answer beats another one of the group, after Bradley and Terry (1952). Fairer where not all are
  /// compared: a win over a strong answer counts for more.
  case bradleyTerry = "bradley_terry"

  /// A comparison that worked: the left answer's score is 0, a half or 1.
  typealias Played = (left: Int, right: Int, leftScore: Double)

  /// The scores; nil for an answer that was in no comparison.
  func scores(_ played: [Played], count: Int) -> [Double?] {
    var wins = [Double](repeating: 0, count: count)
    var games = [Double](repeating: 0, count: count)
    for game in played {
      wins[game.left] += game.leftScore
      wins[game.right] += 1 - game.leftScore
      games[game.left] += 1
      games[game.right] += 1
    }
    switch self {
    case .meanWins: return zip(wins, games).map { $1 == 0 ? nil : $0 / $1 }
    case .bradleyTerry:
      let strengths = Self.strengths(played, wins: wins)
      return games.indices.map { index in
        games[index] == 0 ? nil : Self.meanChance(of: index, strengths, among: games)
      }
    }
  }

  /// Strengths by Hunter's MM algorithm (2004). Every answer also plays one tie against an opponent of strength 1,
  /// which keeps an answer that won everything finite and answers without a link comparable.
  private static func strengths(_ played: [Played], wins: [Double]) -> [Double] {
    var strengths = [Double](repeating: 1, count: wins.count)
    for _ in 0..<1000 {
      var weights = strengths.map { 1 / ($0 + 1) }
      for game in played {
        let share = 1 / (strengths[game.left] + strengths[game.right])
        weights[game.left] += share
        weights[game.right] += share
      }
      let next = zip(wins, weights).map { ($0 + 0.5) / $1 }
      let change = zip(next, strengths).map { abs($0 / $1 - 1) }.max() ?? 0
      strengths = next
      if change < 1e-10 { break }
    }
    return strengths
  }

  private static func meanChance(of index: Int, _ strengths: [Double], among games: [Double]) -> Double {
    let others = games.indices.filter { $0 != index && games[$0] > 0 }
    let chances = others.map { strengths[index] / (strengths[index] + strengths[$0]) }
    return chances.reduce(0, +) / Double(others.count)
  }
}
