/// An episode with its grade.
public struct GradedEpisode: Sendable, Hashable, Codable {
  public var episode: Episode
  public var grade: Grade

  public init(episode: Episode, grade: Grade) {
    self.episode = episode
    self.grade = grade
  }
}

/// The graded episodes of one Example.
public struct GradedGroup: Sendable, Hashable, Codable {
  public var example: Example
  public var episodes: [GradedEpisode]

  public init(example: Example, episodes: [GradedEpisode]) {
    self.example = example
    self.episodes = episodes
  }
}

/// The episodes of one Example, all of one policy version.
public struct Group: Sendable, Hashable, Codable {
  public var example: Example
  public var episodes: [Episode]

  public init(example: Example, episodes: [Episode]) {
    self.example = example
    self.episodes = episodes
  }
}
