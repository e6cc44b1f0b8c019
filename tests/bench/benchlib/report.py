# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The table that is printed and the CSV file beside it."""
import csv
import statistics

WIDTH = 26


class Report:
    """Everything that is told; a context, whose end closes the file."""

    def __init__(self, path):
        self.path = path
        self.noted = set()

    def __enter__(self):
        self.file = open(self.path, "w", newline="")
        self.csv = csv.writer(self.file, lineterminator="\n")
        self.csv.writerow(["section", "what", "observer", "figure", "n", "median", "min", "max"])
        return self

    def __exit__(self, *_):
        self.file.close()

    def section(self, name, text):
        self.name = name
        print(f"\n== {name}: {text}", flush=True)

    def note_once(self, text):
        if text not in self.noted:
            self.note(text)
        self.noted.add(text)

    def note(self, text):
        print(f"   {text}", flush=True)

    def table(self, *heads):
        self.heads = heads
        print(f"   {heads[0]:<{WIDTH}}" + "".join(f"{h:>25}" for h in heads[1:]))

    def row(self, what, name, *figures):
        cells = []
        for head, values in zip(self.heads[1:], figures):
            cells.append(f"{self.figure(what, name, head, values):>25}")
        print(f"   {name:<{WIDTH}}" + "".join(cells), flush=True)

    def figure(self, what, name, head, values):
        """Into the file; the text for the table."""
        if not values:
            return "-"
        low, mid, high = min(values), statistics.median(values), max(values)
        self.csv.writerow([self.name, what, name, head, len(values)] +
                          [f"{v:.6g}" for v in (mid, low, high)])
        self.file.flush()
        digits = 0 if mid >= 100 else 3
        return f"{mid:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"

    def at_most(self, text, limit, values):
        self.judge(text, f"at most {limit}", values, lambda got: got <= limit)

    def at_least(self, text, limit, values):
        self.judge(text, f"at least {limit}", values, lambda got: got >= limit)

    def between(self, text, low, high, values):
        self.judge(text, f"{low} to {high}", values, lambda got: low <= got <= high)

    def judge(self, text, wanted, values, good):
        """Whether the median is what it ought to be."""
        if values:
            got = statistics.median(values)
            self.note(f"{'reached' if good(got) else 'MISSED '}  {text}: {got:.3f}, wanted {wanted}")
