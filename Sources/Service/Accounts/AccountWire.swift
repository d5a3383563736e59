internal import Records
internal import Store

/// Projects, keys and audit entries as JSON. A key's text and its hash are in none of them.
enum AccountWire {
  static func json(_ project: Project) -> JSONValue {
    var object = JSONObject()
    object["id"] = .string(project.id)
    object["object"] = "organization.project"
    object["name"] = .string(project.name)
    object["created_at"] = .integer(project.createdAt)
    object["archived_at"] = project.archivedAt.map(JSONValue.integer) ?? .null
    object["status"] = project.archivedAt == nil ? "active" : "archived"
    object["max_jobs"] = project.maxRunningJobs.map(JSONValue.integer) ?? .null
    object["max_storage_bytes"] = project.maxStorageBytes.map(JSONValue.integer) ?? .null
    object["max_tokens_per_day"] = project.maxTokensPerDay.map(JSONValue.integer) ?? .null
    return .object(object)
  }

  static func json(_ key: APIKey) -> JSONValue {
    var object = JSONObject()
    object["object"] = "organization.project.api_key"
    object["id"] = .string(key.id)
    object["name"] = .string(key.name)
    object["redacted_value"] = .string(key.hint)
    object["access_key_id"] = .string(key.accessKeyID)
    object["scopes"] = .array(key.scopes.split(separator: " ").map { .string(String($0)) })
    object["created_at"] = .integer(key.createdAt)
    object["last_used_at"] = key.lastUsedAt.map(JSONValue.integer) ?? .null
    object["expires_at"] = key.expiresAt.map(JSONValue.integer) ?? .null
    object["revoked_at"] = key.revokedAt.map(JSONValue.integer) ?? .null
    object["requests_per_minute"] = key.requestsPerMinute.map(JSONValue.integer) ?? .null
    return .object(object)
  }

  static func json(_ entry: AuditEntry) -> JSONValue {
    var object = JSONObject()
    object["id"] = .string("audit_\(entry.sequence ?? 0)")
    object["object"] = "organization.audit_log"
    object["type"] = .string(entry.action)
    object["effective_at"] = .integer(entry.at)
    object["project_id"] = entry.projectID.map(JSONValue.string) ?? .null
    object["subject"] = .string(entry.subject)
    var actor = JSONObject()
    actor["type"] = entry.keyID == nil ? "operator" : "api_key"
    actor["api_key_id"] = entry.keyID.map(JSONValue.string) ?? .null
    object["actor"] = .object(actor)
    object["request_id"] = entry.requestID.map(JSONValue.string) ?? .null
    object["details"] = entry.details?.value ?? .null
    return .object(object)
  }

  static func list(_ items: [JSONValue], hasMore: Bool = false) -> JSONValue {
    var list = JSONObject()
    list["object"] = "list"
    list["data"] = .array(items)
    list["first_id"] = items.first?["id"] ?? .null
    list["last_id"] = items.last?["id"] ?? .null
    list["has_more"] = .bool(hasMore)
    return .object(list)
  }
}
