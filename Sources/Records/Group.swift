/// An episode with its grade.
public struct GradedEpisode: Sendable, Hashable, Codable {
  /// What was sampled.
  public var episode: Episode
  /// What the grader said of it.
  public var grade: Grade

  /// An episode that has been graded.
  public init(episode: Episode, grade: Grade) {
    self.episode = episode
    self.grade = grade
  }
}

/// The graded episodes of one Example.
public struct GradedGroup: Sendable, Hashable, Codable {
  /// What all episodes of the group are attempts at.
  public var example: Example
  /// The attempts, by index.
  public var episodes: [GradedEpisode]

  /// A group that has been graded.
  public init(example: Example, episodes: [GradedEpisode]) {
    self.example = example
    self.episodes = episodes
  }
}

/// The episodes of one Example, all of one policy version.
public struct Group: Sendable, Hashable, Codable {
  /// What all episodes of the group are attempts at.
  public var example: Example
  /// The attempts, by index.
  public var episodes: [Episode]

  /// A group as it was sampled.
  public init(example: Example, episodes: [Episode]) {
    self.example = example
    self.episodes = episodes
  }
}
