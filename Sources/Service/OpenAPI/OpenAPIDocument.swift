package import Records

/// The description of every route, as OpenAPI 3.1 has it: `APIOperations` and `APISchemas`, put together.
package enum OpenAPIDocument {
  package static let json: JSONValue = {
    var paths = JSONObject()
    for operation in APIOperations.all {
      var item = paths[operation.path]?.object ?? JSONObject()
      item[operation.method.lowercased()] = operation.json
      paths[operation.path] = .object(item)
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Operant", "version": "1",
        "description":
          "Reinforcement fine-tuning and serving on your own machine, for OpenAI's and Bedrock's clients.",
      ],
      "servers": [["url": "/"]],
      "tags": .array(APITag.allCases.map { ["name": .string($0.rawValue)] }),
      "paths": .object(paths),
      "components": [
        "securitySchemes": [
          "bearer": ["type": "http", "scheme": "bearer"],
          "apiKey": ["type": "apiKey", "in": "header", "name": "api-key"],
          "signature": [
            "type": "apiKey", "in": "header", "name": "authorization",
            "description": "A signature of AWS's version 4.",
          ],
        ],
        "parameters": APISchemas.parameters,
        "responses": [
          "Failure": [
            "description": "What went wrong, in OpenAI's words.",
            "content": ["application/json": ["schema": APIOperation.reference("Error")]],
          ],
          "AWSFailure": [
            "description": "What went wrong, in AWS's words; `x-amzn-ErrorType` names it.",
            "content": ["application/json": ["schema": APIOperation.reference("AWSError")]],
          ],
        ],
        "schemas": APISchemas.schemas,
      ],
    ]
  }()

  /// As a file.
  package static var text: String { json.serialised(.indented(1)) + "\n" }

  /// Method and path of everything that is described, such as `GET /v1/files/{id}`.
  package static var operations: [String] { APIOperations.all.map { "\($0.method) \($0.path)" } }
}
