internal import Cluster
internal import Gateway
internal import Hummingbird
internal import Records
internal import Store

extension Bedrock {
  func addFoundationModelRoutes(to router: Router<APIContext>) {
    on(router, .get, "/foundation-models", .read) { call in
      let query = call.query
      query.rejectOthers(than: [
        "byProvider", "byCustomizationType", "byOutputModality", "byInferenceType",
      ])
      let provider = query.string("byProvider", .any)?.lowercased()
      let type = query.choice("byCustomizationType", CustomizationRequest.CustomizationType.self)
      let modality = query.choice("byOutputModality", Modality.self)
      let inference = query.choice("byInferenceType", InferenceType.self)
      try query.problems.check()
      let isOffered =
        (type == nil || type == .reinforcement) && (modality == nil || modality == .text)
        && (inference == nil || inference == .onDemand)
      let offers = models.offers.filter { isOffered && (provider == nil || $0.provider == provider) }
      return .json(["modelSummaries": .array(offers.map { Self.view($0, call.scope) })])
    }
    on(router, .get, "/foundation-models", name: "modelIdentifier", segments: 1...2, .read) { call in
      guard let offer = models.offer(call.identifier) else {
        throw APIFailure(.missing, "there is no foundation model '\(call.identifier)'")
      }
      return .json(["modelDetails": Self.view(offer, call.scope)])
    }
  }

  private enum Modality: String, CaseIterable {
    case text = "TEXT"
    case image = "IMAGE"
    case embedding = "EMBEDDING"
  }
  private enum InferenceType: String, CaseIterable {
    case onDemand = "ON_DEMAND"
    case provisioned = "PROVISIONED"
  }

  private static func view(_ offer: FoundationModels.Offer, _ scope: AccountScope) -> JSONValue {
    [
      "modelArn": .string(scope.foundationModel(offer.id)), "modelId": .string(offer.id),
      "modelName": .string(offer.entry.name), "providerName": .string(offer.provider),
      "inputModalities": ["TEXT"], "outputModalities": ["TEXT"], "responseStreamingSupported": true,
      "customizationsSupported": ["REINFORCEMENT_FINE_TUNING"], "inferenceTypesSupported": ["ON_DEMAND"],
      "modelLifecycle": ["status": "ACTIVE"],
    ]
  }
}
