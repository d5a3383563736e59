package import Records

/// What the README.md of an exported model tells: where it comes from, how it was trained, what that changed.
package struct ModelCard: Sendable, Hashable {
  package var base: BaseModel
  package var plan: Plan
  /// Steps of the plan that the exported checkpoint has behind it.
  package var steps: Int
  /// Held-out figures before and after; nil when they were not measured for this checkpoint.
  package var comparison: Comparison?

  package init(base: BaseModel, plan: Plan, steps: Int, comparison: Comparison?) {
    self.base = base
    self.plan = plan
    self.steps = steps
    self.comparison = comparison
  }

  /// The whole README.md of an export in this form.
  package func text(_ format: ExportFormat) -> String {
    frontMatter(format) + "\n" + body(format)
  }
}
