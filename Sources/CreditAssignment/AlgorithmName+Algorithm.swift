package import Records

extension AlgorithmName {
  /// The arithmetic behind the name.
  package var algorithm: any GroupAlgorithm {
    switch self {
    case .grpo: GRPO()
    case .drGRPO: DrGRPO()
    case .dapo: DAPO()
    case .rloo: RLOO()
    }
  }
}
