package import Records

/// Some attempts of a command, to be sampled by one shard.
package struct BatchShare: Sendable {
  package let command: CompletionCommand
  package let policy: ServedPolicy
  /// What its answers must be; nil for anything.
  package let form: (any AnswerForm)?
  package let announcement: PromptAnnouncement
  /// Places among the command's seeds; at least one.
  package var attempts: [Int]

  package init(
    _ command: CompletionCommand, policy: ServedPolicy, form: (any AnswerForm)? = nil, attempts: [Int],
    announcement: PromptAnnouncement
  ) {
    precondition(!command.prompt.isEmpty, "a prompt must have at least one token")
    precondition(!attempts.isEmpty, "a share must have at least one attempt")
    self.command = command
    self.policy = policy
    self.form = form
    self.attempts = attempts
    self.announcement = announcement
  }
}
