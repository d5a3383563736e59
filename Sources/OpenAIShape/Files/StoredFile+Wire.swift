import Records
import Store

extension StoredFile {
  /// As OpenAI's `File`. A file is `processed` as soon as it is there; what is wrong with its rows, a job says.
  var wire: JSONValue {
    [
      "id": .string(id), "object": "file", "bytes": .integer(bytes), "created_at": .integer(createdAt),
      "filename": .string(filename), "purpose": .string(purpose), "status": "processed",
      "expires_at": WireValue.number(expiresAt), "status_details": WireValue.text(statusDetails),
    ]
  }
}
