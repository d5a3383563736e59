/// What the pool may use and whom it turns away.
package struct InferenceSettings: Sendable, Hashable {
  /// Memory that all loaded base models and their caches may take, in bytes, by forecast.
  package var modelBytes: Int
  /// The longest sequence that is served, prompt and answer together; cut to a model's context.
  package var positions: Int = 8192
  /// Rows that one worker decodes at once.
  package var maxRows: Int = 64
  /// Memory of each worker for keys and values of prompts that may come again.
  package var cacheBytes: Int = 512 << 20
  /// Attempts that may wait for a row, over all workers.
  package var mostWaiting: Int = 512
  /// Attempts that may wait for a row of one base model.
  package var mostWaitingPerModel: Int = 256
  /// Adapters on one base at once, and their bytes.
  package var mostAdapters: Int = 16
  package var adapterBytes: Int = 2 << 30
  /// A base that nobody has asked for so long is unloaded.
  package var idleLimit: Duration = .seconds(900)
  /// How long a model may take to load before its worker is given up, and how long a request waits for an adapter.
  package var startLimit: Duration = .seconds(300)
  package var adapterLimit: Duration = .seconds(60)
  /// A worker with work that says nothing for so long is ended.
  package var silenceLimit: Duration = .seconds(120)
  /// The first wait after a worker has died at once; doubles up to a minute.
  package var firstBackoff: Duration = .seconds(1)
  /// Tokens of one answer that may wait for a slow reader.
  package var mostUnreadTokens: Int = 32_768

  package init(modelBytes: Int) { self.modelBytes = modelBytes }
}
