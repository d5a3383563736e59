"""The result as a table for people: on the terminal, in Markdown, in the README."""

import math

HEAD = ["measure", "beside", "Operant", "peer", "unit", "times as fast (min to max)", "of its floor"]
BEGIN, END = "<!-- benchmark:begin -->", "<!-- benchmark:end -->"


def figure(value):
    """Three significant digits, no exponent."""
    if value is None:
        return "-"
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(digits, 4)}f}"


def ratio(record):
    if record["ratio_median"] is None:
        return "-"
    low, high = figure(record["ratio_min"]), figure(record["ratio_max"])
    return f"{figure(record['ratio_median'])} ({low} to {high})"


def cells(record):
    share = record["floor_share"]
    return [
        record["measure"], record["against"] or "-", figure(record["operant"]), figure(record["peer"]), record["unit"],
        ratio(record), "-" if share is None else f"{share:.0%}"]


def line(record):
    """One line of the terminal's table."""
    widths = [46, 18, 9, 9, 14, 24, 5]
    text = "  ".join(f"{cell:<{width}}" for cell, width in zip(cells(record), widths)).rstrip()
    missing = record["ratio_median"] is None and record["against"] and record["note"]
    return text + (f"   ({record['note']})" if missing else "")


def table(records):
    rows = ["| " + " | ".join(HEAD) + " |", "|---|---|---:|---:|---|---:|---:|"]
    rows += ["| " + " | ".join(cell.replace("|", "\\|") for cell in cells(record)) + " |" for record in records]
    return "\n".join(rows)


def about(result):
    machine, versions = result["machine"], result["versions"]
    extensions = ", ".join(machine["extensions"]) or "no AVX-512"
    names = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (
        f"{result['date']}; {machine['cores']} cores of {machine['processor']} ({extensions}), {machine['memory_gib']} GiB, "
        f"{machine['system']}. Versions: {names}. Command: `{result['command']}`.")


def markdown(result):
    notes = list(dict.fromkeys(
        f"- {record['measure']}{', ' + record['against'] if record['against'] else ''}: {record['note']}"
        for record in result["rows"] if record["note"]))
    return "\n".join([
        "# Benchmark", "", about(result), "",
        "Ratios are how many times as fast (or as small) Operant is, of pairs measured in turn; values are medians.", "",
        table(result["rows"]), "", "## Notes", "", *notes, ""])


# What the README shows, in this order; the whole table is in the result's own file.
SHOWN = ("GRPO step", "decode,", "update,", "a busy neighbour", "start-up", "floor:")


def readme_section(result, stem):
    rows = [record for prefix in SHOWN for record in result["rows"] if record["measure"].startswith(prefix)]
    folder = "Benchmarks/results"
    return "\n".join([
        BEGIN, about(result), "", table(rows), "",
        f"![Operant beside its peers]({folder}/{stem}.svg)", "",
        f"The whole table with notes: [{folder}/{stem}.md]({folder}/{stem}.md).", END])


def insert(text, section):
    """A document with the section between its markers; both must be there."""
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        raise ValueError(f"the document has no {BEGIN} before a {END}; put both where the table is to be")
    return text[:begin] + section + text[end + len(END):]
