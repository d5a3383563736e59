/// How a service's paths become canonical.
package enum SignedPathRule: Sendable, Hashable {
  /// Dot segments and doubled slashes go, and what is left is encoded once more: every service but S3.
  case normalisedAndEncoded
  /// As it was sent: S3, whose keys may hold what looks like dot segments.
  case asSent
}

extension SignableRequest {
  /// AWS's canonical request: method, path, query, the fields that are signed with their names, and the payload's
  /// SHA-256 (or what stands for it), a line each.
  package func canonical(signed names: [String], payload: String, path rule: SignedPathRule) -> String {
    let lines = names.map { name in
      "\(name):\(values(name).map(Self.collapsed).joined(separator: ","))\n"
    }
    return [
      method, canonicalPath(rule), Self.canonicalQuery(query), lines.joined(),
      names.joined(separator: ";"), payload,
    ].joined(separator: "\n")
  }

  func canonicalPath(_ rule: SignedPathRule) -> String {
    switch rule {
    case .asSent: return path.isEmpty ? "/" : path
    case .normalisedAndEncoded:
      var segments: [Substring] = []
      for segment in path.split(separator: "/") where segment != "." {
        if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
      }
      let end = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
      return PercentEncoding.encoded("/" + segments.joined(separator: "/") + end, keeping: "/")
    }
  }

  /// Names and values decoded and encoded anew, sorted: the order and the spelling that were sent do not matter.
  static func canonicalQuery(_ query: String) -> String {
    query.split(separator: "&").map { pair in
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return [parts[0], parts.count > 1 ? parts[1] : ""].map {
        PercentEncoding.encoded(PercentEncoding.decodedBytes($0))
      }
    }
    .sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }
    .map { "\($0[0])=\($0[1])" }.joined(separator: "&")
  }

  /// Without space at the ends, and one space for many inside.
  private static func collapsed(_ value: String) -> String {
    value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
