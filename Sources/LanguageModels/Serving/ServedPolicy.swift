package import Records

/// Weights that answer under a name: a base, or the base with an adapter upon it.
///
/// Shards read it at once and nobody changes it, which is why it may travel.
package final class ServedPolicy: @unchecked Sendable {
  package let name: PolicyName
  let decoder: Decoder

  package init(_ name: PolicyName, _ decoder: Decoder) {
    self.name = name
    self.decoder = decoder
  }
}
