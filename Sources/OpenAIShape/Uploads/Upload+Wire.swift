import Records
import Store

extension Upload {
  /// As OpenAI's `Upload`; `file` is what a completed one has become.
  func wire(file: StoredFile? = nil) -> JSONValue {
    [
      "id": .string(id), "object": "upload", "bytes": .integer(bytes), "created_at": .integer(createdAt),
      "expires_at": .integer(expiresAt), "filename": .string(filename), "purpose": .string(purpose),
      "status": .string(status.rawValue), "mime_type": .string(mimeType), "file": file?.wire ?? .null,
    ]
  }
}

extension UploadPart {
  var wire: JSONValue {
    [
      "id": .string(id), "object": "upload.part", "created_at": .integer(createdAt),
      "upload_id": .string(uploadID), "bytes": .integer(bytes),
    ]
  }
}
