/// Every setting of a plain kind, in the order of the reference page. `models`, `graders.lambdas` and `objects.owners` are
/// maps, and read by `SettingsReader`.
enum SettingsTable {
  static let sections: [(path: String, doc: String)] = [
    ("listen", "Where the service listens. Without a certificate it speaks plain HTTP."),
    ("log", "The log goes to standard error, a line for each request and each thing worth knowing."),
    ("jobs", "The workers that train."),
    ("serving", "The workers that answer."),
    ("limits", "What a client may ask for."),
    ("timeouts", "In seconds."),
    ("graders", "What graders that clients send may do."),
    ("objects", "Where `s3://` addresses lead: folders below `objects` in the data folder, or an endpoint."),
    ("bedrock", "What Bedrock's clients see."),
    ("webhooks", "Where messages to webhooks may go."),
    ("audit", "The log of every change."),
  ]

  static let fields: [SettingField] = [
    .text(
      "data", \.data, kind: .path,
      "The folder of the store, files, runs and secrets. One service at a time works in it."),
    .choice(
      "auth", \.auth,
      "Whether callers need keys; `off` makes everybody the project `default`, with every right."),
    .text(
      "listen.host", \.listen.host, "The address. Anything but this machine's own deserves TLS and keys."),
    .integer("listen.port", \.listen.port, 0...65535, "The port; 0 takes one that is free."),
    .texts(
      "listen.names", \.listen.names,
      "Names, besides the host's, `localhost` and addresses, by which it may be asked while `auth` is `off`."),
    .optional(
      "listen.certificate", \.listen.certificate, kind: .file,
      "A PEM file with the certificate and those between it and its root; TLS 1.2 and later."),
    .optional("listen.key", \.listen.key, kind: .file, "A PEM file with the certificate's key."),
    .choice("log.format", \.log.format, "`json` writes an object a line."),
    .choice("log.level", \.log.level, "What is below it is left out."),
    .integer("jobs.workers", \.jobs.workers, 1...1024, "Jobs that run at once, over all projects."),
    .optionalInteger(
      "jobs.memory", \.jobs.memory, .bytes(1 << 20...Int.max), note: "half of the machine's",
      "What the forecasts of running jobs may come to."),
    .integer("jobs.retries", \.jobs.retries, 0...100, "How often a worker that died is started again."),
    .flag(
      "jobs.leave_running", \.jobs.leaveRunning,
      "Whether workers go on when the service is stopped; otherwise they write a checkpoint and end."),
    .optional(
      "jobs.program", \.jobs.program, kind: .file, note: "`operant-worker` beside `operant`",
      "The program that trains and answers; `OPERANT_WORKER` names it too."),
    .optionalInteger(
      "serving.memory", \.serving.memory, .bytes(1 << 20...Int.max), note: "two fifths of the machine's",
      "What all loaded models and their caches may take."),
    .bytes(
      "serving.cache", \.serving.cache, 0...Int.max, "Keys and values that each model keeps of prompts."),
    .integer(
      "serving.positions", \.serving.positions, 16...10_000_000,
      "The longest prompt and answer together; a model's own limit may be less."),
    .integer("serving.rows", \.serving.rows, 1...4096, "Answers that one model writes at once."),
    .integer(
      "serving.waiting", \.serving.waiting, 0...1_000_000,
      "Answers that may wait; further ones are answered with 429."),
    .integer(
      "serving.idle_seconds", \.serving.idleSeconds, 1...Int.max,
      "A model that nobody has asked for so long is unloaded."),
    .integer(
      "serving.start_seconds", \.serving.startSeconds, 1...86_400,
      "How long a model may take to load; beyond it its worker is ended, and started anew for the next request."
    ),
    .integer("limits.connections", \.limits.connections, 1...1_000_000, "Connections at once; others wait."),
    .bytes(
      "limits.header_bytes", \.limits.headerBytes, 1024...1 << 24, "A request's headers, its path with them."),
    .bytes("limits.body_bytes", \.limits.bodyBytes, 1024...Int.max, "Any request's body."),
    .bytes("limits.file_bytes", \.limits.fileBytes, 1...Int.max, "A file that comes in one request."),
    .bytes("limits.upload_bytes", \.limits.uploadBytes, 1...Int.max, "A file that comes in parts."),
    .optionalInteger(
      "limits.requests_per_minute", \.limits.requestsPerMinute, .integer(1...Int.max), note: "no limit",
      "For each key that has no limit of its own."),
    .integer(
      "timeouts.headers", \.timeouts.headers, 1...86400, "From a connection to the end of its first headers."),
    .integer("timeouts.idle", \.timeouts.idle, 1...86400, "Between two requests of a connection."),
    .integer(
      "timeouts.body", \.timeouts.body, 1...86400,
      "That a body may stand still; beyond it a body must come with 1 KiB a second on average."),
    .integer(
      "timeouts.answer", \.timeouts.answer, 1...86400,
      "That a client may take nothing of an answer that waits for it."),
    .integer(
      "timeouts.drain", \.timeouts.drain, 0...86400,
      "That answers under way may still take when the service is stopped."),
    .flag(
      "graders.local", \.graders.local,
      "Whether definitions may name files, programs and variables of this machine; for a service whose clients are its owner."
    ),
    .optional(
      "graders.lambda_endpoint", \.graders.lambdaEndpoint,
      "Where functions are invoked that `graders.lambdas` does not name."),
    .optional(
      "objects.endpoint", \.objects.endpoint, "A store that speaks S3, such as `https://s3.example.com`."),
    .text("objects.region", \.objects.region, "The region that requests to it are signed for."),
    .optional("objects.access_key", \.objects.accessKey, "The key to it."),
    .optional(
      "objects.secret_key", \.objects.secretKey, isSecret: true,
      "The secret of that key; better in the variable than in a file."),
    .texts("objects.shared", \.objects.shared, "Buckets that are open to every project."),
    .text("bedrock.region", \.bedrock.region, "For requests whose signature names none."),
    .text("bedrock.account", \.bedrock.account, "The twelve digits inside ARNs."),
    .choice(
      "webhooks.reach", \.webhookReach,
      "`outside`: addresses of the internet, over TLS; `inside`: this machine and private networks too; `everywhere`: "
        + "link-local addresses as well."),
    .optionalInteger(
      "audit.days", \.auditDays, .integer(1...Int.max), note: "for ever", "How far the audit log goes back."),
  ]

  /// Maps, with what they take, for the reference page.
  static let maps: [(path: String, doc: String)] = [
    ("models", "base models by the names that clients use"),
    ("graders.lambdas", "what stands for Lambda functions, by ARN or name"),
    ("objects.owners", "the project (name or id) that owns a bucket, by bucket"),
  ]

  static let byPath: [String: SettingField] = Dictionary(uniqueKeysWithValues: fields.map { ($0.path, $0) })

  /// The keys that stand in a section, those of maps and sections included; "" for the top.
  static func keys(in section: String) -> [String] {
    let inside = fields.filter { $0.section == section }.map(\.key)
    let others = (sections.map(\.path) + maps.map(\.path)).filter { path in
      path.split(separator: ".").dropLast().joined(separator: ".") == section
    }
    return inside + others.compactMap { $0.split(separator: ".").last.map(String.init) }
  }
}
