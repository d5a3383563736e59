import Gateway
import HTTPTypes
import Hummingbird
import Store

/// As much of the gateway as the routes need: who asks, failures in the API's words, the request's id.
struct TestGateway: RouterMiddleware {
  let store: Store

  func handle(
    _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    var context = context
    let bearer = request.headers[.authorization].map { $0.replacing("Bearer ", with: "") }
    var response: Response
    do {
      if let secret = bearer ?? request.headers[HTTPField.Name("api-key")!] {
        guard let key = try await store.key(hash: APIKey.hash(of: secret)),
          let project = try await store.project(key.projectID)
        else { throw APIFailure(.unauthenticated, "Incorrect API key provided") }
        context.caller = Caller(project: project, key: key, scopes: key.allows)
      }
      response = try await next(request, context)
    } catch let failure as APIFailure {
      response = Dialect.openai.response(failure)
    } catch let error as any HTTPResponseError {
      response = Dialect.openai.response(APIFailure(.missing, "no such path: \(error.status)"))
    } catch {
      response = Dialect.openai.response(APIFailure(.unexpected, "\(error)"))
    }
    response.headers[HTTPField.Name("x-request-id")!] = context.requestID
    return response
  }
}
