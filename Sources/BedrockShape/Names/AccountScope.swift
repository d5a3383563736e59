internal import Gateway

/// In which region and account a request speaks of things: the region that it was signed for, or the one of the
/// settings.
struct AccountScope: Sendable, Hashable {
  var region: String
  var account: String

  /// - Parameter authorization: the header, whose signature was checked before, if it ever is.
  init(_ settings: BedrockSettings, authorization: String?) {
    account = settings.account
    region = settings.region
    if let authorization, let claim = try? SignatureClaim(authorization),
      WireForm.isRegion(claim.scope.region)
    {
      region = claim.scope.region
    }
  }

  func job(_ id: String, base: String) -> String { name("model-customization-job/\(base)/\(id)") }
  func customModel(_ id: String, base: String) -> String { name("custom-model/\(base)/\(id)") }
  func deployment(_ id: String) -> String { name("custom-model-deployment/\(id)") }

  func foundationModel(_ id: String) -> String {
    ARN(region: region, account: "", resource: "foundation-model/\(id)").description
  }

  private func name(_ resource: String) -> String {
    ARN(region: region, account: account, resource: resource).description
  }
}
