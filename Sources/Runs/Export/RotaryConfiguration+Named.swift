internal import Foundation
internal import LanguageModels

extension RotaryConfiguration {
  /// The same angles in words that a `config.json` has.
  ///
  /// GGUF files of Llama 3.1 and 3.2 carry only what each frequency is divided by. The lowest are divided by the
  /// factor itself (8 in 3.1, 32 in 3.2); the other values are those of all of Meta's releases, and the divisors
  /// that follow from them must be those of the file, else `ExportError.unknownRopeScaling` is thrown.
  func named(headSize: Int, file: String) throws(ExportError) -> RotaryConfiguration {
    guard case .divisors(let divisors) = scaling else { return self }
    let factor = Double(divisors.max() ?? 1).rounded()
    let named = RotaryConfiguration(
      theta: theta,
      scaling: .llama3(factor: factor, lowFrequency: 1, highFrequency: 4, originalContext: 8192))
    guard divisors.count == headSize / 2,
      zip(frequencies(headSize: headSize), named.frequencies(headSize: headSize))
        .allSatisfy({ abs($0 / $1 - 1) < 1e-4 })
    else { throw .unknownRopeScaling(file: file) }
    return named
  }
}
