"""Which of many texts are nearly the same, without comparing all with all.

Texts are compared by the likeness of their words (Jaccard: words in both / words in either). Two
texts whose likeness is at least t share their first common word within the first
n - ceil(t n) + 1 of n words of each, in any one order of all words, their second within the first
n - ceil(t n) + 2, and so on (prefix filtering: Chaudhuri, Ganti and Kaushik 2006; Wang, Li and
Feng 2012). With the rarest words first, few texts share such a word. Where many do, since the
vocabulary is small, neighbouring words are taken as one: of those pairs there are many more.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

CROWD = 6  # texts with the same beginning that are compared with one another
DEEPEST = 4  # elements after which a crowd is no longer told apart
COMPARED = 8  # with how many of its neighbours a text of such a crowd is compared
OF_WORDS, OF_PAIRS = 2, 3  # how many elements may be passed over before the first common one
LARGE = 20_000  # texts up to which there is time for passing over more,
MORE = 3  # and how many more
BITS = 1023  # of the mask of a text: a bit for each word, by its lowest bits
SMALL = 3000  # texts that share the rarest word of a text, on average, in a small vocabulary


def like_an_earlier(texts: Sequence[Sequence[int]], likeness: float) -> dict[int, int]:
    """The index of each text that is like an earlier one, and of one that it is like.

    A text is its distinct words, as numbers of 32 bits, in their order; an empty one is like
    nothing. To stay quick whatever the texts are, some pairs that differ in the rarest words of
    one are passed over, and some in crowds of hundreds of like ones.
    """
    counts = _counts(texts)
    elements, reach = texts, OF_WORDS
    if _is_crowded(texts, counts):
        elements, reach = [_pairs(words) for words in texts], OF_PAIRS
        counts = _counts(elements)
    join = _Join(texts, _ranked(elements, counts), likeness, reach + MORE * (len(texts) <= LARGE))
    join.run()
    return dict(sorted(join.found.items()))


def _counts(texts: Sequence[Sequence[int]]) -> Counter[int]:
    counts: Counter[int] = Counter()
    for words in texts:
        counts.update(words)
    return counts


def _is_crowded(texts: Sequence[Sequence[int]], counts: Counter[int]) -> bool:
    """Whether even the rarest word of a text, apart from words of its own, is one of many texts."""
    rarest = [min((counts[word] for word in words if counts[word] > 1), default=0) for words in texts]
    return sum(rarest) > SMALL * len(rarest)


def _pairs(words: Sequence[int]) -> Sequence[int]:
    return array("Q", {(a << 32 | b) if a < b else (b << 32 | a) for a, b in pairwise(words)})


def _ranked(texts: Sequence[Sequence[int]], counts: Counter[int]) -> list[tuple[int, ...]]:
    """The elements of each text, numbered by rarity, rarest first, without those of one text."""
    shared = sorted((count, element) for element, count in counts.items() if count > 1)
    rank = {element: number for number, (_, element) in enumerate(shared)}
    return [tuple(sorted(rank[element] for element in elements if element in rank)) for elements in texts]


def _mask(words: Sequence[int]) -> int:
    mask = 0
    for word in words:
        mask |= 1 << (word & BITS)
    return mask


class _Join:
    def __init__(
        self, texts: Sequence[Sequence[int]], ranked: list[tuple[int, ...]], likeness: float, reach: int
    ) -> None:
        self.texts = texts
        self.masks = list(map(_mask, texts))
        self.ranked = ranked
        self.reach = reach
        self.share = likeness / (1 + likeness) - 1e-9  # of the words of both together that are in both
        self.found: dict[int, int] = {}

    def run(self) -> None:
        first: dict[int, int] = {}
        for index, mask in enumerate(self.masks):
            known = first.setdefault(mask, index)
            if mask and known != index and set(self.texts[known]) == set(self.texts[index]):
                self.found[index] = known
        rest = [(index, -1) for index, mask in enumerate(self.masks) if mask and index not in self.found]
        self._tell_apart(rest, 1)

    def _tell_apart(self, crowd: list[tuple[int, int]], depth: int) -> None:
        """Compare those of a crowd that share a further element. Each text comes with the place
        of the last element that all of them share."""
        buckets: dict[int, list[tuple[int, int]]] = {}
        ranked, furthest = self.ranked, self.reach + depth
        for index, at in crowd:
            for place, element in enumerate(ranked[index][at + 1 : furthest], at + 1):
                if (bucket := buckets.get(element)) is None:
                    buckets[element] = [(index, place)]
                else:
                    bucket.append((index, place))
        for bucket in buckets.values():
            if len(bucket) <= CROWD:
                if len(bucket) > 1:
                    self._compare([index for index, _ in bucket])
            elif depth < DEEPEST:
                self._tell_apart(bucket, depth + 1)
            else:
                bucket.sort(key=lambda one: ranked[one[0]][one[1] :])
                self._compare(list(map(itemgetter(0), bucket)))

    def _compare(self, crowd: list[int]) -> None:
        masks, texts, found, share = self.masks, self.texts, self.found, self.share
        for place in range(1, len(crowd)):
            one = crowd[place]
            mask, size = masks[one], len(texts[one])
            for other in crowd[max(0, place - COMPARED) : place]:
                # Two words of a text may share a bit: the mask shows one fewer then.
                wanted = share * (size + len(texts[other]))
                if (mask & masks[other]).bit_count() < wanted - 1:
                    continue
                later = max(one, other)
                if later not in found and len(set(texts[one]).intersection(texts[other])) >= wanted:
                    found[later] = min(one, other)
