import ArgumentParser
import Datasets
import Foundation
import Records

struct DataCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Check, split and write data sets.",
    subcommands: [Validate.self, Split.self, Generate.self, DataImportCommand.self])

  struct Validate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Report every problem of data files, with their lines.",
      discussion: """
        Examples:
          operant data validate train.jsonl
          operant data validate train.jsonl held_out.jsonl --json

        The exit code is 1 when a file cannot be used.
        """)

    @Argument(help: "JSONL files.")
    var files: [String]
    @Flag(help: "Print a JSON object a file.")
    var json = false

    func run() async throws {
      var unusable = 0
      for file in files {
        let report = DatasetReport(file: file)
        if !report.isUsable { unusable += 1 }
        if json {
          Terminal.write(report.json.serialised() + "\n")
        } else {
          Terminal.write(DatasetText.lines(report).joined(separator: "\n") + "\n")
        }
      }
      if unusable > 0 {
        throw CommandFailure(json ? "" : "\(unusable) of \(files.count) files cannot be used")
      }
    }
  }

  struct Split: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Part a file into training and held-out rows.",
      discussion: """
        Examples:
          operant data split rows.jsonl --share 0.2 --to data
          operant data split rows.jsonl --share 0.1 --seed 7 --to data --json

        Writes train.jsonl and held_out.jsonl. Which side a row is on depends on its prompt and the seed alone.
        """)

    @Argument(help: "A JSONL file.")
    var file: String
    @Option(help: ArgumentHelp("Share of the prompts that is held out.", valueName: "share"))
    var share = 0.2
    @Option(help: ArgumentHelp("Another seed, another split.", valueName: "n"))
    var seed: UInt64 = 0
    @Option(help: ArgumentHelp("The folder to write to.", valueName: "dir"))
    var to: String
    @Flag(help: "Print a JSON object.")
    var json = false

    func validate() throws {
      if !(share > 0 && share < 1) {
        throw ValidationError("--share is \(share); expected above 0 and below 1")
      }
    }

    func run() async throws {
      let contents: DatasetContents
      do throws(InvalidInput) { contents = try DatasetReader.read(file: file) } catch {
        throw CommandFailure(error)
      }
      let parts = DatasetSplit(share: share, seed: seed).parts(of: contents.examples)
      let train = to + "/train.jsonl"
      let heldOut = to + "/held_out.jsonl"
      try OutputText.write(parts.train.jsonl, to: train)
      try OutputText.write(parts.heldOut.jsonl, to: heldOut)
      if json {
        let object: JSONValue = [
          "train": ["file": .string(train), "rows": .integer(parts.train.count)],
          "held_out": ["file": .string(heldOut), "rows": .integer(parts.heldOut.count)],
        ]
        Terminal.write(object.serialised(.spaced) + "\n")
      } else {
        Terminal.write("\(train): \(parts.train.count) rows\n\(heldOut): \(parts.heldOut.count) rows\n")
      }
    }
  }

  struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write rows of a data set that Operant makes itself.",
      discussion: """
        Examples:
          operant data generate support-reply --rows 600 > rows.jsonl
          operant data generate arithmetic --rows 100 --seed 2 --to sums.jsonl

        Data sets: \(GeneratedDataset.allCases.map(\.rawValue).joined(separator: ", ")).
        """)

    @Argument(help: "The data set.")
    var dataset: GeneratedDataset
    @Option(help: ArgumentHelp("How many rows.", valueName: "n"))
    var rows = 600
    @Option(help: ArgumentHelp("Same seed, same rows.", valueName: "n"))
    var seed: UInt64 = 1
    @Option(help: ArgumentHelp("Write to this file. (default: standard output)", valueName: "file"))
    var to: String?

    func run() async throws {
      let examples: [Example]
      do throws(InvalidInput) { examples = try dataset.examples(rows: rows, seed: seed) } catch {
        throw CommandFailure(error)
      }
      guard let to else { return Terminal.write(examples.jsonl) }
      try OutputText.write(examples.jsonl, to: to)
    }
  }
}
