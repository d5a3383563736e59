package import Checkpoints
package import Records

/// The base models that a service offers, by the names that clients use.
package struct ModelCatalogue: Sendable, Hashable {
  /// A base model on this machine.
  package struct Entry: Sendable, Hashable {
    /// The name on the wire.
    package var name: String
    /// As in `ModelPlan.source`.
    package var source: String
    package var dtype: ComputeType
    package var device: DeviceChoice
    /// Other names for it, such as the hosted model's whose scripts are run here.
    package var aliases: [String]

    package init(
      name: String, source: String, dtype: ComputeType = .bfloat16, device: DeviceChoice = .auto,
      aliases: [String] = []
    ) {
      self.name = name
      self.source = source
      self.dtype = dtype
      self.device = device
      self.aliases = aliases
    }
  }

  package var entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  /// The entry of a name or an alias.
  package func entry(_ name: String) -> Entry? {
    entries.first { $0.name == name } ?? entries.first { $0.aliases.contains(name) }
  }

  /// Where a model's files are; nil when they cannot be found.
  package func location(of entry: Entry) -> ModelLocation? { try? ModelLocation(source: entry.source) }
}
