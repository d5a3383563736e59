"""Validates generated JSON with the jsonschema package, for the tests of Graders to compare.

usage: json_schema.py FOLDER

FOLDER receives
  pairs.jsonl     {"schema", "instances": [{"value", "valid"}]}: schemas that are well formed
  schemas.jsonl   {"schema", "valid"}: schemas as they are and with one part replaced, held against the meta-schema
  formats.jsonl   {"format", "text", "valid"}

Left out is what Operant defines otherwise on purpose: multiples of fractions that binary numbers cannot hold, an empty
pattern of member names (which the package overlooks), and formats that the package checks with half their grammar
(email, hostname) or not at all.
"""

import json
import os
import random
import sys
import warnings

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

FORMATS = ["date", "time", "date-time", "ipv4", "ipv6", "uuid"]
warnings.filterwarnings("ignore")
CHECKER = Draft202012Validator.FORMAT_CHECKER
NAMES = ["a", "b", "c", "name", "total", "x-1", "é", "a/b", "m~n"]
TEXTS = ["", "a", "ab", "abc", "Abc", "a1", "12", "é", "\u0065\u0301", "\U0001f600", "a b", "2026-03-12", "10.0.0.1",
         "null", "1", "foo bar", "aaaaaaaa", "$", "x-1", "a\nb"]
PATTERNS = ["^a", "b$", "^[a-c]+$", "\\d", "^\\w{2,3}$", "[^a-z]", "a|b", "^(a|b){2}$", ".", "", "^x-", "\\.", "[\\d-]",
            "^.{3}$", "[[]", "\\$", "a{0}b", "\\bfoo\\b"]
NUMBERS = [0, 1, -1, 2, 3, 7, 10, 1.0, 2.0, 0.5, 1.5, -2.5, 100, 1e3, 2.25, 1e300]
WORDS = ["null", "boolean", "integer", "number", "string", "array", "object"]


class Writer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.definitions = []

    def pick(self, values):
        return self.random.choice(values)

    def chance(self, share):
        return self.random.random() < share

    # Values

    def value(self, depth=3):
        kind = self.random.randrange(8 if depth > 0 else 5)
        if kind == 0:
            return self.pick([None, True, False])
        if kind <= 2:
            return self.pick(NUMBERS)
        if kind <= 4:
            return self.pick(TEXTS)
        if kind == 5:
            return [self.value(depth - 1) for _ in range(self.random.randrange(5))]
        return {self.pick(NAMES): self.value(depth - 1) for _ in range(self.random.randrange(5))}

    # Schemas

    def schema(self, depth):
        if self.chance(0.05):
            return self.chance(0.8)
        schema = {}
        for _ in range(self.random.randrange(1, 4)):
            self.keyword(schema, depth)
        return schema

    def keyword(self, schema, depth):
        leaves = [self.types, self.values, self.bounds, self.lengths, self.pattern, self.counts, self.names, self.format]
        branches = [self.members, self.members, self.elements, self.contains, self.combination, self.combination,
                    self.conditional, self.dependent, self.reference, self.member_names]
        self.pick(leaves + (branches if depth > 0 else []))(schema, depth)

    def types(self, schema, depth):
        schema["type"] = self.pick(WORDS) if self.chance(0.7) else self.random.sample(WORDS, 2)

    def values(self, schema, depth):
        if self.chance(0.5):
            schema["const"] = self.value(1)
        else:
            schema["enum"] = [self.value(1) for _ in range(self.random.randrange(1, 6))]

    def bounds(self, schema, depth):
        key = self.pick(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"])
        schema[key] = self.pick([1, 2, 3, 0.5, 0.25, 1.5, 7]) if key == "multipleOf" else self.pick(NUMBERS)

    def lengths(self, schema, depth):
        schema[self.pick(["minLength", "maxLength"])] = self.random.randrange(5)

    def pattern(self, schema, depth):
        schema["pattern"] = self.pick(PATTERNS)

    def counts(self, schema, depth):
        key = self.pick(["minItems", "maxItems", "minProperties", "maxProperties", "uniqueItems"])
        schema[key] = self.chance(0.8) if key == "uniqueItems" else self.random.randrange(4)

    def names(self, schema, depth):
        schema["required"] = self.random.sample(NAMES, self.random.randrange(3))

    def format(self, schema, depth):
        schema["format"] = self.pick(FORMATS)

    def members(self, schema, depth):
        if self.chance(0.8):
            schema["properties"] = {name: self.schema(depth - 1) for name in self.random.sample(NAMES, self.random.randrange(1, 4))}
        if self.chance(0.3):
            schema["patternProperties"] = {self.pick(PATTERNS) or "^": self.schema(depth - 1) for _ in range(self.random.randrange(1, 3))}
        if self.chance(0.5):
            schema["additionalProperties"] = self.schema(depth - 1) if self.chance(0.6) else False

    def elements(self, schema, depth):
        if self.chance(0.5):
            schema["prefixItems"] = [self.schema(depth - 1) for _ in range(self.random.randrange(1, 3))]
        if self.chance(0.7):
            schema["items"] = self.schema(depth - 1)

    def contains(self, schema, depth):
        schema["contains"] = self.schema(depth - 1)
        if self.chance(0.4):
            schema["minContains"] = self.random.randrange(3)
        if self.chance(0.4):
            schema["maxContains"] = self.random.randrange(1, 3)

    def combination(self, schema, depth):
        key = self.pick(["allOf", "anyOf", "oneOf", "not"])
        if key == "not":
            schema[key] = self.schema(depth - 1)
        else:
            schema[key] = [self.schema(depth - 1) for _ in range(self.random.randrange(1, 4))]

    def conditional(self, schema, depth):
        schema["if"] = self.schema(depth - 1)
        if self.chance(0.8):
            schema["then"] = self.schema(depth - 1)
        if self.chance(0.6):
            schema["else"] = self.schema(depth - 1)

    def dependent(self, schema, depth):
        if self.chance(0.5):
            schema["dependentRequired"] = {self.pick(NAMES): self.random.sample(NAMES, self.random.randrange(1, 3))}
        else:
            schema["dependentSchemas"] = {self.pick(NAMES): self.schema(depth - 1)}

    def member_names(self, schema, depth):
        schema["propertyNames"] = self.schema(0)

    def reference(self, schema, depth):
        if self.definitions:
            schema["$ref"] = self.pick(self.definitions)

    def document(self):
        """A schema with definitions that refer to later ones only, so that nothing goes round in a circle, and one
        that refers to itself one level deeper."""
        definitions = {}
        for name in ["third", "second one", "fi/rst"]:
            definitions[name] = self.schema(2)
            pointer = name.replace("/", "~1")
            self.definitions.append("#/$defs/" + (pointer.replace(" ", "%20")))
        tree = {"type": "object", "properties": {"a": {"$ref": "#/$defs/tree"}, "b": self.schema(1)}}
        if self.chance(0.5):
            tree["$anchor"] = "tree"
        definitions["tree"] = tree
        self.definitions.append("#tree" if "$anchor" in tree else "#/$defs/tree")
        schema = self.schema(3)
        if not isinstance(schema, dict):
            schema = {"allOf": [schema]}
        schema["$defs"] = definitions
        return schema

    def near(self, schema, depth=3):
        """A value with a good chance to fit."""
        if not isinstance(schema, dict) or self.chance(0.1):
            return self.value(2)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.pick(schema["enum"])
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = self.pick(kind)
        if kind is None:
            if any(key in schema for key in ["properties", "required", "patternProperties", "propertyNames", "minProperties"]):
                kind = "object"
            elif any(key in schema for key in ["items", "prefixItems", "contains", "uniqueItems", "minItems", "maxItems"]):
                kind = "array"
            elif any(key in schema for key in ["pattern", "minLength", "maxLength", "format"]):
                kind = "string"
            elif any(key in schema for key in ["minimum", "maximum", "multipleOf"]):
                kind = "number"
        if kind == "object" and depth > 0:
            value = {name: self.near(part, depth - 1) for name, part in schema.get("properties", {}).items() if self.chance(0.8)}
            for name in schema.get("required", []):
                value.setdefault(name, self.value(1))
            if self.chance(0.3):
                value[self.pick(NAMES)] = self.value(1)
            return value
        if kind == "array" and depth > 0:
            value = [self.near(part, depth - 1) for part in schema.get("prefixItems", [])]
            for _ in range(self.random.randrange(3)):
                value.append(self.near(schema.get("items", schema.get("contains", True)), depth - 1))
            return value
        if kind == "string":
            return self.pick(TEXTS)
        if kind in ("number", "integer"):
            return self.pick(NUMBERS)
        for key in ["allOf", "anyOf", "oneOf"]:
            if key in schema:
                return self.near(self.pick(schema[key]), depth - 1)
        return self.value(2)

    def broken(self, value):
        """The value with one part replaced by something else."""
        if isinstance(value, dict) and value and self.chance(0.8):
            key = self.pick(sorted(value))
            return {**value, key: self.broken(value[key])}
        if isinstance(value, list) and value and self.chance(0.7):
            index = self.random.randrange(len(value))
            return value[:index] + [self.broken(value[index])] + value[index + 1:]
        return self.pick([-1, 1.5, "text", True, None, [], {}, ["a", "a"], [1], "object", "(", {"a": 1}])


def write(folder, name, rows):
    with open(os.path.join(folder, name), "w") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")


def pairs(count):
    for seed in range(count):
        writer = Writer(seed)
        schema = writer.document()
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema, format_checker=CHECKER)
        values = [writer.near(schema) for _ in range(5)] + [writer.value() for _ in range(3)]
        yield {"schema": schema, "instances": [{"value": value, "valid": validator.is_valid(value)} for value in values]}


def schemas(count):
    for seed in range(count):
        writer = Writer(100_000 + seed)
        # Without definitions to refer to: whether a reference leads somewhere is no matter of the meta-schema.
        schema = writer.schema(3)
        if seed % 4:
            schema = writer.broken(schema)
        try:
            Draft202012Validator.check_schema(schema)
            valid = True
        except SchemaError:
            valid = False
        yield {"schema": schema, "valid": valid}


def formats():
    texts = {
        "date": ["2026-03-12", "2026-02-29", "2024-02-29", "1900-02-29", "2000-02-29", "2026-13-01", "2026-00-10",
                 "2026-04-31", "2026-3-12", "20260312", "2026-W10-4", "26-03-12", "2026-03-12 ", "", "abcd-ef-gh",
                 "0001-01-01", "9999-12-31", "2026-01-00", "\u0662026-03-12"],
        "time": ["10:00:00Z", "10:00:00z", "10:00:00", "23:59:59+23:59", "24:00:00Z", "10:60:00Z", "10:00:00.5Z",
                 "10:00:00.Z", "10:00Z", "1:00:00Z", "10:00:00+0100", "10:00:00+01:00", "10:00:00+24:00",
                 "10:00:61Z", "", "10:00:00 Z"],
        "date-time": ["2026-03-12T10:00:00Z", "2026-03-12t10:00:00z", "2026-03-12 10:00:00Z", "2026-03-12T10:00:00",
                      "2026-02-30T10:00:00Z", "2026-03-12T10:00:00.123456789+01:00", "2026-03-12T25:00:00Z",
                      "2026-03-12", "2026-03-12T10:00:00-05:30", "2026-03-12T10:00:00+1:00", ""],
        "ipv4": ["10.0.0.1", "255.255.255.255", "256.0.0.1", "1.2.3", "1.2.3.4.5", "01.2.3.4", "1.2.3.a", "", "1..2.3",
                 "0.0.0.0", "1.2.3.4 ", "+1.2.3.4", "1e1.2.3.4"],
        "ipv6": ["::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::",
                 "::ffff:10.0.0.1", "::10.0.0.256", "1:2:3:4:5:6:10.0.0.1", "1:2:3:4:5:6:7:10.0.0.1", ":1:2:3:4:5:6:7:8",
                 "1:2:3:4:5:6:7:", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "g::", "", ":", ":::", "fe80::1", "1::8:",
                 ":::1", "1:2:3:4::5:6:7:8", "::1.2.3"],
        "uuid": ["123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000",
                 "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400", "", "g" * 36,
                 "123e4567-e89b-12d3-a456_426614174000", "{123e4567-e89b-12d3-a456-426614174000}"],
    }
    for name, list_ in texts.items():
        for text in list_:
            yield {"format": name, "text": text, "valid": CHECKER.conforms(text, name)}


def main():
    folder = sys.argv[1]
    os.makedirs(folder, exist_ok=True)
    write(folder, "pairs.jsonl", pairs(1500))
    write(folder, "schemas.jsonl", schemas(3000))
    write(folder, "formats.jsonl", formats())


main()
