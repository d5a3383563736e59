/// Data sets that Operant writes itself, seeded.
package enum GeneratedDataset: String, Sendable, Hashable, Codable, CaseIterable {
  case supportReply = "support-reply"
  case arithmetic
  case jsonExtraction = "json-extraction"
  case codeFunctions = "code-functions"
  case wordQuestions = "word-questions"
}

/// Where a plan's Examples come from.
package enum DataSource: Sendable, Hashable, Codable {
  /// A JSONL file, absolute in a resolved plan.
  case file(String)
  case generated(GeneratedDataset, rows: Int, seed: UInt64)
}

/// The Examples of a run and how they are parted into training and held-out rows.
package struct DataPlan: Sendable, Hashable, Codable {
  package var train: DataSource
  /// A file of its own for held-out rows, absolute in a resolved plan; nil takes a share of `train` by hash.
  package var heldOut: String?
  /// Share of the rows of `train` that are held out when there is no file for them, 0 to below 1.
  package var heldOutShare: Double
  /// A system message put in front of rows that have none; nil leaves rows as they are.
  package var system: String?

  package init(
    train: DataSource, heldOut: String? = nil, heldOutShare: Double = 0.2, system: String? = nil
  ) {
    self.train = train
    self.heldOut = heldOut
    self.heldOutShare = heldOutShare
    self.system = system
  }
}
