import Foundation
import Records

/// Measures Operant for `Benchmarks/bench.py`: a request a line on standard input, a reply a line on standard
/// output, the model loaded once.
///
/// The work goes the way of the product, through `ServedModel` and `Learner`; nothing is left out to be faster.
@main
struct OperantBench {
  static func main() async {
    let source = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : ModelPlan().source
    var subject: Subject?
    while let line = readLine() {
      do {
        let request = try WorkerLine.decode(BenchRequest.self, from: line.utf8)
        let opened = try subject ?? Subject(source: source)
        subject = opened
        answer(try WorkerLine.encode(await opened.carryOut(request)))
      } catch {
        // A measure that fails is a reply too: the caller prints the reason and goes on.
        answer((try? WorkerLine.encode(["error": "\(error)"])) ?? #"{"error": "a failure without words"}"#)
      }
    }
  }

  private static func answer(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}
