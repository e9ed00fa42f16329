# SPDX-License-Identifier: Apache-2.0
"""The results as a Markdown table."""


def number(value, digits):
    return "" if value is None else f"{value:,.{digits}f}"


def verdict(row):
    return {None: "", True: "yes", False: "**no**"}[row["met"]]


def line(cells):
    return "| " + " | ".join(cells) + " |"


def markdown(results):
    machine = results["machine"]
    lines = [f"{' and '.join(results['servers'])}; one core of {machine['cpu']}, Linux {machine['kernel']}; "
             f"median of {results['rounds']} rounds of {results['seconds']:g} s.", "",
             line(["Load", "Unit", "turnpike", "coturn", "ratio", "goal", "met"]),
             line(["---", "---", "---:", "---:", "---:", "---", "---"])]
    for row in results["rows"]:
        # Markdown eats leading blanks; what belongs to the row above begins with a mark.
        title = "· " + row["title"].strip() if row["title"].startswith(" ") else row["title"]
        lines.append(line([title, row["unit"], number(row["turnpike"], row["digits"]),
                           number(row["coturn"], row["digits"]), number(row["ratio"], 2), row["goal"] or "",
                           verdict(row)]))
    judged = [row["met"] for row in results["rows"] if row["met"] is not None]
    lines += ["", f"{sum(judged)} of {len(judged)} goals met."]
    lines += [f"Note: {note}" for note in results["notes"]]
    lines += [f"Failed: {failure}" for failure in results["failures"]]
    return "\n".join(lines)
