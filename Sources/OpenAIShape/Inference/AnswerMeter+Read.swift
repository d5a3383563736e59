import Gateway
import Hummingbird
import Inference
import Records

extension AnswerMeter {
  /// Reads an answer to its end and settles.
  func read(
    _ events: AsyncThrowingStream<AnswerEvent, any Error>, _ take: (AnswerEvent) throws -> Void
  ) async throws {
    do {
      for try await event in events {
        see(event)
        try take(event)
      }
    } catch {
      await settle()
      throw (error as? InferenceError)?.failure(prompt: "prompt") ?? error
    }
    await settle()
  }

  /// Writes an answer as it comes and settles, whatever ends it. An error of the model becomes the stream's last event.
  ///
  /// - Returns: whether the answer is whole.
  func write(
    _ events: AsyncThrowingStream<AnswerEvent, any Error>, _ writer: inout EventWriter, settles: Bool = true,
    _ lines: (AnswerEvent) throws -> [String]
  ) async throws -> Bool {
    do {
      for try await event in events {
        see(event)
        for line in try lines(event) { try await writer.write(line) }
      }
    } catch {
      await settle()
      guard let failure = (error as? InferenceError)?.failure(prompt: "prompt") else { throw error }
      try await writer.write(failure.openAIError.serialised())
      return false
    }
    if settles { await settle() }
    return true
  }
}
