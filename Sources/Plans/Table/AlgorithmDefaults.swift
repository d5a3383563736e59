package import Records

extension AlgorithmPlan {
  /// What a named algorithm is when nothing else is given.
  ///
  /// GRPO as in DeepSeekMath (arXiv 2402.03300) without its KL term; Dr.GRPO as in arXiv 2503.20783; DAPO as
  /// in arXiv 2503.14476 with its overlong filtering, not its soft penalty or dynamic sampling; RLOO as in
  /// arXiv 2402.14740.
  package static func defaults(for name: AlgorithmName) -> AlgorithmPlan {
    switch name {
    case .grpo: AlgorithmPlan(name: name, aggregation: .sequence, scale: .group)
    case .drGRPO: AlgorithmPlan(name: name, aggregation: .fixedLength, scale: .off)
    case .dapo:
      AlgorithmPlan(name: name, aggregation: .token, scale: .group, clipHigh: 0.28, truncated: .mask)
    case .rloo: AlgorithmPlan(name: name, aggregation: .sequence, scale: .off)
    }
  }
}

extension TrainingPlan {
  /// What a method is when nothing else is given: all weights bear a tenth of the adapters' learning rate.
  package static func defaults(for method: TrainingMethod) -> TrainingPlan {
    switch method {
    case .lora: TrainingPlan(method: method)
    case .full: TrainingPlan(method: method, learningRate: TrainingPlan().learningRate / 10)
    }
  }
}
