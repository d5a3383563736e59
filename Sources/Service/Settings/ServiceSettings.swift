package import Records

/// How `operant serve` runs: defaults, then a YAML file, then `OPERANT_...` variables, then flags.
///
/// `SettingsTable` names every field, reads it and documents it.
package struct ServiceSettings: Sendable, Hashable {
  /// Where it listens.
  package struct Listening: Sendable, Hashable {
    package var host = "127.0.0.1"
    package var port = 8080
    /// Further names that lead here; they count while keys are off.
    package var names: [String] = []
    /// PEM files; both or none.
    package var certificate: String?
    package var key: String?
  }

  /// Whether callers need keys.
  package enum Authentication: String, Sendable, Hashable, CaseIterable { case keys, off }

  /// How the log is written.
  package enum LogFormat: String, Sendable, Hashable, CaseIterable { case plain, json }
  package enum LogLevel: String, Sendable, Hashable, CaseIterable { case debug, info, warning, error }

  package struct Logging: Sendable, Hashable {
    package var format = LogFormat.plain
    package var level = LogLevel.info
  }

  /// The workers that train.
  package struct Jobs: Sendable, Hashable {
    package var workers = 1
    /// nil for half of the machine's memory.
    package var memory: Int?
    package var retries = 3
    package var leaveRunning = true
    /// nil for `operant-worker` beside this program, or `OPERANT_WORKER`.
    package var program: String?
  }

  /// The workers that answer.
  package struct Serving: Sendable, Hashable {
    /// nil for two fifths of the machine's memory.
    package var memory: Int?
    package var cache = 512 << 20
    package var positions = 8192
    package var rows = 64
    package var waiting = 512
    package var idleSeconds = 900
    package var startSeconds = 300
  }

  package struct Limits: Sendable, Hashable {
    package var connections = 1024
    package var headerBytes = 64 << 10
    package var bodyBytes = 1 << 30
    package var fileBytes = 512 << 20
    package var uploadBytes = 8 << 30
    /// nil for none.
    package var requestsPerMinute: Int?
  }

  /// Seconds.
  package struct Timeouts: Sendable, Hashable {
    package var headers = 20
    package var idle = 75
    package var body = 15
    package var answer = 60
    package var drain = 30
  }

  /// What graders of clients may do.
  package struct Graders: Sendable, Hashable {
    package var local = false
    /// Endpoint for functions that `lambdas` does not name.
    package var lambdaEndpoint: String?
    package var lambdas: [String: Lambda] = [:]
  }

  /// What stands for a Lambda function.
  package enum Lambda: Sendable, Hashable {
    /// A grader's definition.
    case definition(JSONValue)
    /// A JSON file with one.
    case file(String)
    /// A Python file with a `lambda_handler`.
    case handler(String)
    /// Where Lambda's Invoke is spoken.
    case endpoint(String)
  }

  /// Where `s3://` addresses lead: a folder of the data folder, unless there is an endpoint.
  package struct Objects: Sendable, Hashable {
    package var endpoint: String?
    package var region = "us-east-1"
    package var accessKey: String?
    package var secretKey: String?
    package var shared: [String] = []
    /// Projects by bucket.
    package var owners: [String: String] = [:]
  }

  package struct Bedrock: Sendable, Hashable {
    package var region = "us-east-1"
    package var account = "000000000000"
  }

  /// How far webhooks may reach.
  package enum WebhookReach: String, Sendable, Hashable, CaseIterable { case outside, inside, everywhere }

  package struct Model: Sendable, Hashable {
    package var name: String
    package var source: String
    package var dtype = ComputeType.bfloat16
    package var device = DeviceChoice.auto
    package var aliases: [String] = []

    package init(name: String, source: String) {
      self.name = name
      self.source = source
    }
  }

  /// The store, files, runs and secrets.
  package var data = "operant-data"
  package var auth = Authentication.keys
  package var listen = Listening()
  package var log = Logging()
  package var jobs = Jobs()
  package var serving = Serving()
  package var limits = Limits()
  package var timeouts = Timeouts()
  package var graders = Graders()
  package var objects = Objects()
  package var bedrock = Bedrock()
  package var webhookReach = WebhookReach.outside
  /// Days that the audit log goes back; nil keeps it for ever.
  package var auditDays: Int?
  package var models = [Model(name: "smollm2-135m-instruct", source: "smollm2-135m-instruct")]

  package init() {}

  /// Whether only this machine can reach it.
  package var isLoopback: Bool {
    listen.host == "localhost" || listen.host == "::1" || listen.host.hasPrefix("127.")
  }
}
