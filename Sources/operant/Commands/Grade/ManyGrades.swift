import Graders
import Records

/// Grades of many answers, several at once, in order.
struct ManyGrades {
  private(set) var grades: [Grade] = []

  /// - Parameter width: how many are being graded at a time; more than processors, as graders wait.
  init(of samples: [GradingSample], by grader: any Grader, width: Int = 16) async {
    grades = await withTaskGroup(of: (Int, Grade).self) { tasks in
      var found = [Grade?](repeating: nil, count: samples.count)
      for (place, sample) in samples.enumerated() {
        if place >= width, let (done, grade) = await tasks.next() { found[done] = grade }
        tasks.addTask { (place, await grader.checkedGrades(of: [sample])[0]) }
      }
      for await (place, grade) in tasks { found[place] = grade }
      return found.compactMap { $0 }
    }
  }
}
