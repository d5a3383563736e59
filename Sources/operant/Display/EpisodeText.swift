import Records

/// A prompt with all its attempts and their grades.
enum EpisodeText {
  static func lines(_ group: GradedGroup, columns: Int) -> [String] {
    let prompt = group.example.messages.map { "\($0.role.rawValue): \($0.text)" }.joined(separator: "\n")
    var lines = ["\(group.example.id)"]
    lines += SampleText.labelled("prompt", Terminal.harmless(prompt), columns: columns, limit: 12)
    for graded in group.episodes {
      let episode = graded.episode
      let label = "[\(episode.index)]"
      lines += SampleText.labelled(label, Terminal.harmless(episode.outputText), columns: columns, limit: 40)
      let cut = episode.isTruncated ? ", cut off" : ""
      let thinking =
        (episode.thinkingCount ?? 0) > 0 ? ", \(episode.thinkingCount ?? 0) of them thinking" : ""
      lines.append(
        "          → \(SampleText.grade(graded.grade)), \(episode.generatedCount) tokens\(thinking)\(cut)")
    }
    return lines
  }
}
