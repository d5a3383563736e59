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
  package func grade(_ groups: [Group]) async -> [GradedGroup] {
    await withTaskGroup(of: (Int, GradedGroup).self) { tasks in
      var graded = [GradedGroup?](repeating: nil, count: groups.count)
      var next = 0
      while next < min(width, groups.count) {
        add(groups[next], at: next, to: &tasks)
        next += 1
      }
      for await (index, group) in tasks {
        graded[index] = group
        if next < groups.count {
          add(groups[next], at: next, to: &tasks)
          next += 1
        }
      }
      return graded.compactMap { $0 }
    }
  }

  private func add(_ group: Group, at index: Int, to tasks: inout TaskGroup<(Int, GradedGroup)>) {
    tasks.addTask { [grader] in
      let samples = group.episodes.map { GradingSample(example: group.example, episode: $0) }
      let grades = await grader.checkedGrades(of: samples)
      let episodes = zip(group.episodes, grades).map { GradedEpisode(episode: $0, grade: $1) }
      return (index, GradedGroup(example: group.example, episodes: episodes))
    }
  }
}
