import Records
import Synchronization

/// Collects samples of all groups that are graded at the time into events of at most `size`, and gives every sample
/// its own grade back. A batch that is not full leaves after a short wait for more.
final class LambdaBatcher: Sendable {
  private struct Waiting {
    let item: LambdaItem
    /// What its id starts with; made unique inside the batch.
    let name: String
    let place: GradePlace
  }
  private struct State {
    var waiting: [Waiting] = []
    var bytes = 0
    /// Tells the timer of a batch from that of the batch after it.
    var batch = 0
  }
  private let transport: LambdaTransport
  private let size: Int
  private let wait: Duration
  private let state = Mutex(State())

  /// - Parameter wait: how long the first sample of a batch waits for others.
  init(_ transport: LambdaTransport, size: Int, wait: Duration) {
    precondition(size > 0, "a batch holds at least one sample")
    (self.transport, self.size, self.wait) = (transport, size, wait)
  }

  /// The grade of one sample.
  func grade(_ item: LambdaItem, name: String) async -> Grade {
    guard item.size <= LambdaEndpoint.payloadLimit else {
      return Grade(
        .failed(
          GradeFailure(
            .other,
            "the sample has \(item.size) bytes as an event; a Lambda takes at most \(LambdaEndpoint.payloadLimit)"
          )))
    }
    let place = GradePlace()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        place.await(continuation)
        add(Waiting(item: item, name: name, place: place))
      }
    } onCancel: {
      place.settle(Grade(.failed(HTTPFailure.cancelled.gradeFailure(.other, of: "the Lambda"))))
    }
  }

  private func add(_ one: Waiting) {
    let (full, timer): ([[Waiting]], Int?) = state.withLock { state in
      var full: [[Waiting]] = []
      if state.bytes + one.item.size > LambdaEndpoint.payloadLimit { full.append(Self.take(&state)) }
      state.waiting.append(one)
      state.bytes += one.item.size
      if state.waiting.count >= size { full.append(Self.take(&state)) }
      return (full, state.waiting.count == 1 ? state.batch : nil)
    }
    for batch in full { Task { await self.send(batch) } }
    guard let timer else { return }
    Task {
      try? await Task.sleep(for: wait)
      let rest = state.withLock { $0.batch == timer ? Self.take(&$0) : [] }
      await send(rest)
    }
  }

  private static func take(_ state: inout State) -> [Waiting] {
    defer {
      state.waiting = []
      state.bytes = 0
      state.batch += 1
    }
    return state.waiting
  }

  /// Sends a batch. When the function fails, each half is sent for itself, so that one sample that it cannot bear does
  /// not take the others with it; a single sample is tried once more.
  private func send(_ batch: [Waiting], isRepeated: Bool = false) async {
    guard !batch.isEmpty else { return }
    let ids = Self.ids(batch)
    do throws(LambdaFailure) {
      let event = JSONValue.array(zip(batch, ids).map { $0.item.named($1) })
      let reply = try LambdaReply(try await transport.invoke(event))
      for (one, id) in zip(batch, ids) {
        switch reply.grade(of: id) {
        case .success(var grade):
          grade.metrics["batch_size"] = Double(batch.count)
          one.place.settle(grade)
        case .failure(let failure): one.place.settle(Grade(.failed(failure)))
        }
      }
    } catch {
      guard case .function = error, !(batch.count == 1 && isRepeated) else {
        for one in batch { one.place.settle(Grade(.failed(error.failure))) }
        return
      }
      if batch.count == 1 {
        await send(batch, isRepeated: true)
      } else {
        await send(Array(batch.prefix(batch.count / 2)))
        await send(Array(batch.dropFirst(batch.count / 2)))
      }
    }
  }

  /// The names, those met before with a number behind.
  private static func ids(_ batch: [Waiting]) -> [String] {
    var met: [String: Int] = [:]
    return batch.map { one in
      let times = met[one.name, default: 0] + 1
      met[one.name] = times
      return times == 1 ? one.name : "\(one.name)#\(times)"
    }
  }
}

/// Where one caller waits for its grade. The first grade counts: that of the batch, or a cancellation.
private final class GradePlace: Sendable {
  private enum State {
    case empty
    case awaited(CheckedContinuation<Grade, Never>)
    case settled(Grade)
  }
  private let state = Mutex(State.empty)

  func await(_ continuation: CheckedContinuation<Grade, Never>) {
    let grade: Grade? = state.withLock { state in
      if case .settled(let grade) = state { return grade }
      state = .awaited(continuation)
      return nil
    }
    if let grade { continuation.resume(returning: grade) }
  }

  func settle(_ grade: Grade) {
    let waiting: CheckedContinuation<Grade, Never>? = state.withLock { state in
      defer { if case .settled = state {} else { state = .settled(grade) } }
      if case .awaited(let continuation) = state { return continuation }
      return nil
    }
    waiting?.resume(returning: grade)
  }
}
