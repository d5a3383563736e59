package import Cluster

/// The catalogue's models under the ids that Bedrock's clients know: `<provider>.<model>` and up to two versions.
package struct FoundationModels: Sendable, Hashable {
  /// A model under one of its ids.
  package struct Offer: Sendable, Hashable {
    /// Such as `operant.smollm2-135m-instruct` or `amazon.nova-2-lite-v1:0:256k`.
    package var id: String
    package var entry: ModelCatalogue.Entry

    package var provider: String { String(id.prefix { $0 != "." }) }
  }

  /// All, a model's own id before those of its aliases.
  package let offers: [Offer]
  private let catalogue: ModelCatalogue

  package init(_ catalogue: ModelCatalogue) {
    self.catalogue = catalogue
    var offers: [Offer] = []
    for entry in catalogue.entries {
      for id in [Self.id(of: entry)] + entry.aliases.filter(Self.isID)
      where !offers.contains(where: { $0.id == id }) {
        offers.append(Offer(id: id, entry: entry))
      }
    }
    self.offers = offers
  }

  /// By id, ARN, the catalogue's name or alias; and by the id of an inference profile (`us.<id>`), which on one
  /// machine is the model.
  package func offer(_ identifier: String) -> Offer? {
    var id = identifier
    if let arn = ARN(identifier) {
      guard arn.service == "bedrock", let slash = arn.resource.firstIndex(of: "/") else { return nil }
      let kind = arn.resource[..<slash]
      guard ["foundation-model", "inference-profile"].contains(kind) else { return nil }
      id = String(arn.resource[arn.resource.index(after: slash)...])
    }
    if let offer = known(id) { return offer }
    for prefix in ["us.", "us-gov.", "eu.", "apac.", "au.", "jp.", "ca.", "global."]
    where id.hasPrefix(prefix) {
      if let offer = known(String(id.dropFirst(prefix.count))) { return offer }
    }
    return nil
  }

  private func known(_ id: String) -> Offer? {
    offers.first { $0.id == id }
      ?? catalogue.entry(id).flatMap { entry in offers.first { $0.entry == entry } }
  }

  /// The name itself where it has the form, else `operant.` and what of the name may stand in an id.
  static func id(of entry: ModelCatalogue.Entry) -> String {
    if isID(entry.name) { return entry.name }
    let letters = entry.name.lowercased().utf8.map {
      WireForm.isLower($0) || WireForm.isDigit($0) ? $0 : UInt8(ascii: "-")
    }
    return "operant." + String(decoding: letters.prefix(63), as: UTF8.self)
  }

  /// `<provider>.<model>` with up to two further parts after colons, in small letters, digits and hyphens.
  static func isID(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count), text.utf8.count <= 140 else { return false }
    let names = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    return (2...4).contains(names.count)
      && (names + parts.dropFirst()).allSatisfy { name in
        (1...63).contains(name.utf8.count)
          && name.utf8.allSatisfy { WireForm.isLower($0) || WireForm.isDigit($0) || $0 == UInt8(ascii: "-") }
      }
  }
}
