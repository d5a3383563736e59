package import Records

/// How Bedrock's API is offered.
package struct BedrockSettings: Sendable, Hashable {
  /// For requests that no signature gives a region.
  package var region = "us-east-1"
  /// The twelve digits inside ARNs.
  package var account = "000000000000"
  /// Scratch: copies of remote objects, converted logs, logs that are not delivered yet.
  package var workFolder: String
  package var objects: ObjectSettings
  package var buckets = BucketSettings()
  /// What a `lambdaArn` stands for, by ARN or by the function's name.
  package var lambdas: [String: LambdaTarget] = [:]
  /// Where functions are invoked that `lambdas` does not name; nil refuses them.
  package var lambdaEndpoint: String?
  package var limits = BedrockLimits()

  package init(workFolder: String, objects: ObjectSettings) {
    self.workFolder = workFolder
    self.objects = objects
  }
}

/// Where `s3://` addresses lead.
package enum ObjectSettings: Sendable, Hashable {
  /// Each bucket is a folder of this one.
  case folder(String)
  case endpoint(S3Endpoint)
}

/// A store that speaks S3, and the key to it.
package struct S3Endpoint: Sendable, Hashable {
  package var url: String
  package var accessKeyID: String
  package var secretAccessKey: String
  package var region: String

  package init(url: String, accessKeyID: String, secretAccessKey: String, region: String = "us-east-1") {
    self.url = url
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.region = region
  }
}

/// Whose buckets are; those that are named in neither belong to the project that uses them first.
package struct BucketSettings: Sendable, Hashable {
  /// The project's name or id by bucket.
  package var owners: [String: String] = [:]
  /// Open to every project.
  package var shared: Set<String> = []

  package init() {}
}

/// What is called where a job names a Lambda function.
package enum LambdaTarget: Sendable, Hashable {
  /// A grader's definition, of any type.
  case grader(JSONValue)
  /// A JSON file that holds one.
  case definition(path: String)
  /// A Python file with a `lambda_handler(event, context)`, run here.
  case handler(path: String)
  /// Where Lambda's Invoke is spoken.
  case endpoint(String)
}

/// Limits of jobs. The documented ones, but for the rows: a hundred are more than a first try needs.
package struct BedrockLimits: Sendable, Hashable {
  package var epochs = 1...50
  /// botocore itself refuses less than 16; `hyperParameters` can ask for less (`batchSize`).
  package var batchSize = 16...512
  package var learningRate = 1e-7...1e-3
  package var samplesPerPrompt = 2...16
  package var evalInterval = 1...100
  package var rows = 1...20_000
  package var tagsPerResource = 50

  package init() {}
}
