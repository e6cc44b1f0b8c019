# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""One table for each experiment, what it shows, and lab.csv."""
import csv
import textwrap


HEADS = {
    "holds": "holds: ",
    "fails": "DOES NOT HOLD HERE: ",
    "busy": "NOT JUDGED, the machine did not give it the CPUs: ",
}


def show(value):
    """A figure as it stands in a table."""
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


class Report:
    def __init__(self, csv_file):
        self.csv_file = csv_file
        self.lines = []
        self.counts = {"holds": 0, "fails": 0, "busy": 0}

    def begin(self, name, text):
        self.name = name
        self.title = text
        self.columns = []
        self.rows = []
        self.notes = []
        self.results = []

    def table(self, *columns):
        """Columns as (title, where the figure comes from)."""
        self.columns = columns

    def row(self, *values):
        self.rows.append(values)

    def note(self, text):
        """What gilwatch's figures explain."""
        self.notes.append(text)

    def claim(self, text, holds, had_cpus=True):
        """
        What the experiment shows. Where it does not hold because the machine
        did not give the program the CPUs that it asked for, nothing is said.
        """
        self.results.append((text, "holds" if holds else "fails" if had_cpus else "busy"))

    def end(self):
        print(f"== {self.name}: {self.title}")
        self.print_table()
        for text, result in self.results:
            self.wrap(HEADS[result], text)
        for text in self.notes:
            self.wrap("gilwatch: ", text)
        print(flush=True)
        self.keep()

    def wrap(self, head, text):
        print(textwrap.fill(head + text, 79, initial_indent="  ", subsequent_indent="    "))

    def print_table(self):
        cells = [[title for title, _ in self.columns], [src for _, src in self.columns]]
        cells += [[show(v) for v in row] for row in self.rows]
        widths = [max(len(line[i]) for line in cells) for i in range(len(self.columns))]
        for line in cells:
            parts = []
            for i, text in enumerate(line):
                left = not isinstance(self.rows[0][i], (int, float)) if self.rows else True
                parts.append(text.ljust(widths[i]) if left else text.rjust(widths[i]))
            print("  " + "  ".join(parts).rstrip())

    def keep(self):
        labels = [i for i, (_, src) in enumerate(self.columns) if src == ""]
        for row in self.rows:
            case = ", ".join(str(row[i]) for i in labels)
            for i, (title, src) in enumerate(self.columns):
                if i not in labels:
                    value = "" if row[i] is None else row[i]
                    self.lines.append([self.name, case, title, src, value])
        for text, result in self.results:
            self.lines.append([self.name, "", "claim", result, text])
            self.counts[result] += 1

    def write_csv(self):
        with open(self.csv_file, "w", newline="") as f:
            out = csv.writer(f, lineterminator="\n")
            out.writerow(["experiment", "case", "figure", "source", "value"])
            out.writerows(self.lines)

    def sum_up(self, seconds):
        busy = self.counts["busy"]
        print(
            f"{self.counts['holds']} of {sum(self.counts.values())} claims hold"
            + (f", {busy} could not be judged on a busy machine" if busy else "")
            + f"; all figures are in {self.csv_file} ({seconds:.0f} s)"
        )
        return 1 if self.counts["fails"] else 0
