/// What a text must look like. Written as code, not as the patterns of the service's description: some of those take
/// exponential time on a text that does not match.
struct WireForm: Sendable {
  let description: String
  let length: ClosedRange<Int>
  let matches: @Sendable (String) -> Bool

  init(_ description: String, _ length: ClosedRange<Int>, _ matches: @Sendable @escaping (String) -> Bool) {
    self.description = description
    self.length = length
    self.matches = matches
  }

  static func isLetterOrDigit(_ byte: UInt8) -> Bool { isLower(byte) || isUpper(byte) || isDigit(byte) }
  static func isLower(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  static func isUpper(_ byte: UInt8) -> Bool { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) }
  static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// Letters, digits and some others, and nothing else.
  static func consists(of others: String, _ text: some StringProtocol) -> Bool {
    let others = Array(others.utf8)
    return text.utf8.allSatisfy { isLetterOrDigit($0) || others.contains($0) }
  }

  static func isAccount(_ text: some StringProtocol) -> Bool {
    text.utf8.count == 12 && text.utf8.allSatisfy(isDigit)
  }
}

extension WireForm {
  static let any = WireForm("a text", 0...1_000_000) { _ in true }

  static let jobName = WireForm(
    "letters, digits, '+', '-' and '.', beginning with a letter or digit", 1...63
  ) { text in text.utf8.first.map(isLetterOrDigit) == true && consists(of: "+-.", text) }

  /// Models and deployments.
  static let modelName = WireForm(
    "letters and digits with single '_' or '-' between them, beginning with a letter or digit", 1...63
  ) { text in
    guard text.utf8.first.map(isLetterOrDigit) == true, consists(of: "_-", text) else { return false }
    return zip(text.utf8, text.utf8.dropFirst()).allSatisfy { isLetterOrDigit($0) || isLetterOrDigit($1) }
  }

  static let token = WireForm("letters, digits and '-', with a letter or digit at both ends", 1...256) {
    text in
    consists(of: "-", text) && text.utf8.first.map(isLetterOrDigit) == true
      && text.utf8.last.map(isLetterOrDigit) == true
  }

  static let roleARN = WireForm("a role's ARN (arn:aws:iam::<account>:role/<name>)", 0...2048) { text in
    guard let arn = ARN(text), arn.service == "iam", arn.region.isEmpty else { return false }
    return (arn.account.isEmpty || isAccount(arn.account)) && arn.resource.hasPrefix("role/")
      && arn.resource.utf8.count > 5
  }

  static let lambdaARN = WireForm(
    "a function's ARN (arn:aws:lambda:<region>:<account>:function:<name>)", 1...512
  ) { text in
    guard let arn = ARN(text), arn.service == "lambda", isAccount(arn.account), isRegion(arn.region) else {
      return false
    }
    let parts = arn.resource.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), parts[0] == "function", !parts[1].isEmpty,
      consists(of: "-_.", parts[1])
    else { return false }
    return parts.count == 2 || parts[2] == "$LATEST" || (!parts[2].isEmpty && consists(of: "-_", parts[2]))
  }

  static let kmsKey = WireForm("a key's ARN, id or alias", 1...2048) { text in
    let name = ARN(text).flatMap { $0.service == "kms" && isAccount($0.account) ? $0.resource : nil } ?? text
    if name.hasPrefix("alias/") { return name.utf8.count > 6 && consists(of: "-_/", name) }
    let id = name.hasPrefix("key/") ? name.dropFirst(4) : name[...]
    return id.utf8.count == 36 && consists(of: "-", id)
  }

  static let s3URI = WireForm("an address such as s3://bucket/folder/file.jsonl", 1...1024) {
    S3Address($0) != nil
  }

  /// A foundation model's id or ARN, a custom model's ARN or name.
  static let modelIdentifier = WireForm("a model's id, name or ARN", 1...2048) { text in
    consists(of: "-_.:/", text)
  }

  static let customModelARN = WireForm(
    "a custom model's ARN (arn:aws:bedrock:<region>:<account>:custom-model/<base>/<12 letters and digits>)",
    20...1011
  ) { text in
    guard let arn = ARN(text), arn.service == "bedrock", isAccount(arn.account) else { return false }
    let parts = arn.resource.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 3 && parts[0] == "custom-model" && !parts[1].isEmpty && parts[2].utf8.count == 12
      && parts[2].utf8.allSatisfy { isLower($0) || isDigit($0) }
  }

  static let resourceARN = WireForm("the ARN of a job, a custom model or a deployment", 20...1011) {
    ARN($0)?.service == "bedrock"
  }

  static let tagKey = WireForm("letters, digits, spaces and . _ : / = + @ -", 1...128, isTagText)
  static let tagValue = WireForm("letters, digits, spaces and . _ : / = + @ -", 0...256, isTagText)
  static let metadataKey = WireForm("letters, digits, spaces and . _ : / = + $ @ -", 1...256, isMetadataText)
  static let metadataValue = WireForm(
    "letters, digits, spaces and . _ : / = + $ @ -", 0...256, isMetadataText)

  static let vpcID = WireForm("letters, digits and '-'", 1...32) { consists(of: "-", $0) }
  static let description = WireForm("a text of one line", 1...2048) { !$0.contains { $0.isNewline } }
  static let bucket = WireForm("a bucket's name", 3...63) { S3Address("s3://\($0)") != nil }
  static let keyPrefix = WireForm("a key's beginning", 0...1024) {
    $0.isEmpty || S3Address("s3://bucket/\($0)") != nil
  }

  static let toolName = WireForm("letters, digits, '_' and '-'", 1...64) { consists(of: "_-", $0) }
  static let toolUseID = WireForm("letters, digits and _ . : -", 1...64) { consists(of: "_.:-", $0) }

  private static let isTagText: @Sendable (String) -> Bool = { text in
    text.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isWhitespace || consists(of: "._:/=+@-", String(scalar))
    }
  }
  private static let isMetadataText: @Sendable (String) -> Bool = { text in
    text.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isWhitespace || consists(of: "._:/=+$@-", String(scalar))
    }
  }

  static func isRegion(_ text: some StringProtocol) -> Bool {
    (1...20).contains(text.utf8.count)
      && text.utf8.allSatisfy { isLower($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
  }
}
