/// What the machine must have for a sandbox.
enum SandboxMachine {
  /// Where people find what to do instead; ends every refusal.
  static let alternative = "or run it without a sandbox, as yourself, with --unsafe-no-sandbox"

  /// Why there can be no sandbox here, as far as can be told without trying.
  static var problem: String? {
    #if os(Linux)
      for (tool, package) in [("bwrap", "bubblewrap"), ("setpriv", "util-linux")]
      where Program.onPath(tool) == nil {
        return """
          untrusted code is run in a sandbox, which needs '\(tool)'; install the package \(package), \
          \(alternative)
          """
      }
      return nil
    #else
      return "the sandbox needs Linux; run Operant there, \(alternative)"
    #endif
  }

  /// The sentence for a machine where bubblewrap fails.
  static func refusal(_ reasons: [String]) -> String {
    """
    this machine does not let a sandbox start (\(reasons.joined(separator: "; "))); user namespaces must be allowed \
    (Docs/sandbox.md says how), \(alternative)
    """
  }
}
