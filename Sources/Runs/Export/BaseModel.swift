package import Checkpoints
internal import Foundation
internal import Records

/// What a base model's files say of it that the card of a model tuned from it must repeat.
package struct BaseModel: Sendable, Hashable {
  /// What others know it by: a hub's `owner/name` where the files tell, else the file's or folder's name.
  package var name: String
  /// The name of its GGUF file, when it is one: readers need that file to have the same weights.
  package var ggufFile: String?
  /// A licence's identifier as model hubs write it, such as `apache-2.0`; nil when the base names none.
  package var license: String?
  /// Name and address of a licence that has no identifier of its own (`license: other`).
  package var licenseName: String?
  package var licenseLink: String?
  /// Language codes, such as `en`.
  package var languages: [String]

  package init(
    name: String, ggufFile: String? = nil, license: String? = nil, licenseName: String? = nil,
    licenseLink: String? = nil, languages: [String] = []
  ) {
    self.name = name
    self.ggufFile = ggufFile
    self.license = license
    self.licenseName = licenseName
    self.licenseLink = licenseLink
    self.languages = languages
  }
}

extension BaseModel {
  /// Reads the metadata of a GGUF file, or `config.json` and the front matter of `README.md` in a folder. What
  /// these do not tell stays empty; that is no error.
  package init(_ location: ModelLocation) throws(ModelFileError) {
    switch location {
    case .gguf(let path):
      let metadata = try GGUFFile(path: path).metadata
      func text(_ key: String) -> String? { metadata["general." + key]?.string }
      let url = text("source.repo_url") ?? text("source.huggingface.repository") ?? ""
      self.init(
        name: Self.hubName(url.replacing("https://huggingface.co/", with: "")) ?? Self.name(ofFile: path),
        ggufFile: (path as NSString).lastPathComponent, license: text("license"),
        licenseName: text("license.name"), licenseLink: text("license.link"),
        languages: metadata["general.languages"]?.strings ?? [])
    case .folder(let path):
      self.init(name: Self.name(ofFolder: path))
      let readme = FileManager.default.contents(atPath: path + "/README.md") ?? Data()
      readFrontMatter(of: String(decoding: readme, as: UTF8.self))
    }
  }

  /// `owner/name` if the text is that.
  private static func hubName(_ text: String) -> String? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let isName = parts.allSatisfy { part in
      !part.isEmpty && part.first != "."
        && part.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || "-_.".utf8.contains(byte)
        }
    }
    return parts.count == 2 && isName ? text : nil
  }

  /// A file called `model.gguf` has its folder's name.
  private static func name(ofFile path: String) -> String {
    let file = URL(filePath: path)
    let name = file.deletingPathExtension().lastPathComponent
    return name == "model" ? file.deletingLastPathComponent().lastPathComponent : name
  }

  /// The folder's name, or the hub's: downloads of Hugging Face's tools lie in
  /// `models--owner--name/snapshots/<commit>`, and saved models name their origin in `config.json`.
  private static func name(ofFolder path: String) -> String {
    let folder = URL(filePath: path)
    for part in folder.pathComponents where part.hasPrefix("models--") {
      let name = part.dropFirst("models--".count).replacing("--", with: "/", maxReplacements: 1)
      if let name = hubName(String(name)) { return name }
    }
    let config = FileManager.default.contents(atPath: path + "/config.json").flatMap {
      try? JSONValue(parsing: [UInt8]($0))
    }
    return config?["_name_or_path"]?.string.flatMap(hubName) ?? folder.lastPathComponent
  }

  /// Takes over the plain `key: value` lines and lists that cards have in their front matter. Without its
  /// closing line there is none.
  mutating func readFrontMatter(of readme: String) {
    var found = self
    var lines = readme.split(whereSeparator: \.isNewline)[...]
    guard lines.popFirst()?.trimmingCharacters(in: .whitespaces) == "---" else { return }
    var key = ""
    for line in lines {
      let text = line.trimmingCharacters(in: .whitespaces)
      if text == "---" {
        self = found
        return
      }
      if text.hasPrefix("- ") {
        if key == "language" { found.languages.append(Self.plain(text.dropFirst(2))) }
        continue
      }
      guard line.first != " ", let colon = text.firstIndex(of: ":") else { continue }
      key = String(text[..<colon])
      let value = Self.plain(text[text.index(after: colon)...])
      guard !value.isEmpty else { continue }
      switch key {
      case "license": found.license = value
      case "license_name": found.licenseName = value
      case "license_link": found.licenseLink = value
      case "language":
        found.languages = value.trimmingCharacters(in: ["[", "]"]).split(separator: ",").map {
          Self.plain($0)
        }
      default: break
      }
    }
  }

  private static func plain(_ text: some StringProtocol) -> String {
    text.trimmingCharacters(in: .whitespaces).trimmingCharacters(in: ["\"", "'"])
  }
}
