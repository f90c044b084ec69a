"""Examples of the rules about files as such."""

from __future__ import annotations

from aipm_cards.examples.example import LISTING, Example, asking

EXAMPLES: dict[str, Example] = {
    "Y101": Example("metrics.yaml -> ../elsewhere/metrics.yaml\n", "metrics.yaml\n", LISTING),
    "Y102": Example("metrics.yaml: 5 MiB\n", "metrics-1.yaml: 2 MiB\nmetrics-2.yaml: 3 MiB\n", LISTING),
    "Y103": Example("metrics.yaml: UTF-16\n", "metrics.yaml: UTF-8\n", LISTING),
    "Y104": asking(
        '"Which share of the fraud does a\\u202e filter catch?"', '"Which share of the fraud does a filter catch?"'
    ),
    "D105": Example("metrics.yaml: a text of 20,001 characters\n", "metrics.yaml: a text of 300 characters\n", LISTING),
    "D203": Example(
        "metrics.yaml: deck: Concepts::Evaluation\nlabels.yaml: deck: concepts::Data\n",
        "metrics.yaml: deck: Concepts::Evaluation\nlabels.yaml: deck: Concepts::Data\n",
        LISTING,
    ),
    "D204": Example("metrics.yaml\nmore -> ../elsewhere\n", "metrics.yaml\nmore/labels.yaml\n", LISTING),
    "M105": Example("media/curve.svg: 5 MiB\n", "media/curve.svg: 1 MiB\n", LISTING),
}
