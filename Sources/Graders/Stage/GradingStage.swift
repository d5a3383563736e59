package import Records

/// Episode to Grade: hands groups to the grader, several at once, and puts the grades beside the episodes.
package struct GradingStage: Sendable {
  package let grader: any Grader
  /// Groups graded at the same time; graders that wait (processes, models, networks) profit from many.
  private let width: Int

  package init(_ grader: any Grader, width: Int = 16) {
    precondition(width > 0, "a grading stage must be able to grade one group at a time")
    self.grader = grader
    self.width = width
  }

  /// Grades groups; order and episodes are kept. A grader's failures are grades, so this does not throw: ask
  /// ``GradingTally`` whether there are too many.
  package func grade(_ groups: [Group], at moment: GradingMoment = .final) async -> [GradedGroup] {
    let (arrivals, arrive) = AsyncStream.makeStream(of: (Int, Group).self)
    for (place, group) in groups.enumerated() { arrive.yield((place, group)) }
    arrive.finish()
    return await grade(arrivals, at: moment)
  }

  /// Grades groups as they arrive, each with its place; the result is in order of place.
  package func grade(
    _ arrivals: AsyncStream<(Int, Group)>, at moment: GradingMoment = .final
  ) async -> [GradedGroup] {
    await withTaskGroup(of: (Int, GradedGroup).self) { tasks in
      var graded: [(Int, GradedGroup)] = []
      var running = 0
      for await (place, group) in arrivals {
        if running == width, let done = await tasks.next() {
          graded.append(done)
          running -= 1
        }
        add(group, at: place, moment, to: &tasks)
        running += 1
      }
      for await done in tasks { graded.append(done) }
      return graded.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private func add(
    _ group: Group, at index: Int, _ moment: GradingMoment, to tasks: inout TaskGroup<(Int, GradedGroup)>
  ) {
    tasks.addTask { [grader] in
      let samples = group.episodes.map { GradingSample(example: group.example, episode: $0, moment: moment) }
      let grades = await grader.checkedGrades(of: samples)
      let episodes = zip(group.episodes, grades).map { GradedEpisode(episode: $0, grade: $1) }
      return (index, GradedGroup(example: group.example, episodes: episodes))
    }
  }
}
