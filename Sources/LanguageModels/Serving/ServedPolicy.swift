package import Records

/// The weights below all policies of a server.
///
/// Shards read them at once and nobody changes them, which is why they may travel.
package final class ServedBase: @unchecked Sendable {
  package let decoder: Decoder

  package init(_ decoder: Decoder) {
    precondition(decoder.adapter == nil, "what has an adapter already can have no other beside it")
    self.decoder = decoder
  }
}

/// Weights that answer under a name: the base, or the base with an adapter beside it. Never changed either.
package final class ServedPolicy: @unchecked Sendable {
  package let name: PolicyName
  /// Nil for the base.
  package let adapter: ServedAdapter?

  package init(_ name: PolicyName, adapter: ServedAdapter?) {
    self.name = name
    self.adapter = adapter
  }
}
