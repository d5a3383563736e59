internal import Records

/// The reference page of settings, made from the table that also reads them.
package enum SettingsReference {
  /// The whole page as Markdown.
  package static var markdown: String {
    var page = introduction
    page += table("")
    for (path, doc) in SettingsTable.sections {
      page += "## `\(path)`\n\n\(doc)\n\n"
      page += table(path)
    }
    return page + maps
  }

  private static func table(_ section: String) -> String {
    let fields = SettingsTable.fields.filter { $0.section == section }
    guard !fields.isEmpty else { return "" }
    var text = "| key | takes | default | meaning | variable |\n|---|---|---|---|---|\n"
    let defaults = ServiceSettings()
    for field in fields {
      let value = field.defaultNote ?? shown(field.get(defaults), field.kind)
      text +=
        "| `\(field.key)` | \(field.kind.expectation) | \(value) | \(field.doc) | `\(field.variable)` |\n"
    }
    return text + "\n"
  }

  private static func shown(_ value: JSONValue, _ kind: SettingField.Kind) -> String {
    switch (value, kind) {
    case (.string(let text), _): return "`\(text)`"
    case (.integer(let number), .bytes):
      for (unit, scale) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
      where number >= scale && number.isMultiple(of: scale) {
        return "\(number / scale) \(unit)"
      }
      return "\(number)"
    default: return value.serialised()
    }
  }

  private static let introduction = """
    # Service reference

    This page is generated from the table that reads settings: `operant serve --reference > Docs/service-reference.md`.

    Every setting has a default. A YAML file (`operant serve --config FILE`) sets what it names, a variable of the
    environment goes over the file, and a flag over both. Relative paths of the file begin at its folder, others at the
    current one. Unknown keys, values of the wrong kind and settings that contradict each other are reported all at once,
    with their lines; the service does not start with any of them.

    ```yaml
    data: /srv/operant
    listen: {host: 0.0.0.0, port: 443, certificate: cert.pem, key: key.pem}
    models:
      smollm2-135m-instruct:
        source: models/smollm2-135m-instruct
        aliases: [gpt-4o-mini]
    jobs: {workers: 2, memory: 24GiB}
    ```


    """

  private static let maps = """
    ## Maps

    Models, by the names that clients use. Without this section there is `smollm2-135m-instruct`. A text in place of an
    entry is its source; `source` without one is the name.

    ```yaml
    models:
      qwen3-4b:
        source: /models/Qwen3-4B      # a folder, a GGUF file, or the name of one below OPERANT_MODELS
        dtype: bfloat16               # or float32
        device: auto                  # or cpu, cuda
        aliases: [o4-mini-2025-04-16, amazon.nova-2-lite-v1:0]
      smollm2: models/smollm2.gguf
    ```

    What stands for a Lambda function, by its ARN or name, one of four:

    ```yaml
    graders:
      lambdas:
        arn:aws:lambda:us-east-1:123456789012:function:reward: {handler: reward.py}      # a local lambda_handler
        exact: {grader: {type: string_check, operation: eq, input: "{{sample.output_text}}", reference: "{{item.answer}}"}}
        judge: {file: judge.json}                          # a grader's definition in a file
        remote: {endpoint: "http://127.0.0.1:9001"}        # where Lambda's Invoke is spoken
    ```

    The projects that own buckets; those that are named nowhere belong to the project that uses them first.

    ```yaml
    objects:
      owners: {training-data: default}
      shared: [public-data]
    ```

    """
}
