import CTorch

/// How a row's token is drawn; the filters apply in the order top-k, top-p, min-p.
package struct Draw {
  // The shim's own record, so that an array of draws is handed over as it lies.
  private var record: ct_draw

  /// 0 takes the most likely token.
  package var temperature: Double { record.temperature }
  /// The row's random number, in [0, 1).
  package var uniform: Double {
    get { record.uniform }
    set { record.uniform = newValue }
  }

  package init(temperature: Double, topP: Double = 1, minP: Double = 0, topK: Int = 0, uniform: Double) {
    record = ct_draw(
      temperature: temperature, top_p: topP, min_p: minP, top_k: Int64(topK), uniform: uniform)
  }
}

/// A token that was drawn.
package struct Drawn {
  private var record = ct_drawn()

  package init() {}

  package var token: Int32 { Int32(record.token) }
  /// Under the distribution it was drawn from; at temperature 0, under that of temperature 1.
  package var logProbability: Float { record.log_probability }
  /// Log of the share of probability that the filters kept; 0 when they kept all.
  package var logMass: Float { record.log_mass }
}
