"""An input: a few lines of which one is planted, what is done to it, and the bytes of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from reading.shapes import Format

from fuzz import damage, encoding, layers, odd
from fuzz.damage import CHANGES_NOTHING, LOSES_PIPE, Damage
from fuzz.layers import END, MARKS, NAME, TAG
from fuzz.planted import KINDS, PROSE, Plant, Vocabulary, plant

EVENT = "OTHER_TAG|a=1|b=2"
"""An event of a tag that no rule names."""

FILLER = "|z=9"
"""A last value that nobody reads, where it may come to hold what stands behind the message."""


@dataclass(frozen=True)
class Glued:
    """Another line that has lost its end, before the planted one or behind it."""

    text: str
    layers: tuple[Format, ...]
    separator: str
    to_line: bool
    is_before: bool


@dataclass(frozen=True)
class Spec:
    """All that makes an input. `made` says whether it is promised that the plant is told."""

    plant: Plant
    vocabulary: Vocabulary
    layers: tuple[Format, ...] = ()
    damages: tuple[Damage, ...] = ()
    glued: Glued | None = None
    encoded: str = ""
    ends: bytes = b"\n"
    number: int = 0
    seed: int = 0

    def simpler(self) -> Iterator[Spec]:
        """The same with less of it."""
        for at in range(len(self.damages)):
            yield replace(self, damages=self.damages[:at] + self.damages[at + 1 :])
        for at in range(len(self.layers)):
            yield replace(self, layers=self.layers[:at] + self.layers[at + 1 :])
        yield replace(self, glued=None)
        if self.glued and self.glued.layers:
            yield replace(self, glued=replace(self.glued, layers=()))
        yield replace(self, encoded="")
        yield replace(self, ends=b"\n")
        if self.plant.kind != "consistent":  # whose plant is one of a pair
            yield replace(self, plant=replace(self.plant, before=(), after=()))

    def __str__(self) -> str:
        done = [*map(str, self.damages)]
        if self.glued:
            where = "before" if self.glued.is_before else "behind"
            done.append(f"glued {where}, with {self.glued.separator!r}: {self.glued.text!r}")
        if self.encoded:
            done.append(self.encoded)
        around = " in ".join([self.plant.kind, *(one.name for one in self.layers)])
        return f"{around}: {', '.join(done) or 'nothing done'}"


@dataclass(frozen=True)
class Input:
    """The bytes of an input, and what is promised of them.

    `planted` is the range of its physical lines, from 0, in which the plant must be told.
    `is_exact`: it is read as the bare lines are: found as the violation it is, and nothing else.
    """

    spec: Spec
    data: bytes
    planted: range
    is_exact: bool

    @property
    def lines(self) -> int:
        return self.data.count(b"\n")


def drawn(vocabulary: Vocabulary, key: str, rng: Random) -> Input:
    """One input; what is not promised is thrown away."""
    while True:
        kind = rng.choice(KINDS)
        spec = Spec(
            plant(kind, vocabulary, key, rng),
            vocabulary,
            _layers(rng),
            tuple(damage.drawn(rng)),
            _glued(rng) if rng.random() < 0.2 else None,
            rng.choice(encoding.ENCODED),
            rng.choice(encoding.ENDS),
            rng.randrange(1_000),
            rng.randrange(1 << 30),
        )
        if spec.encoded == "long" and rng.random() > encoding.RARELY:
            continue
        found = made(spec)
        if found is not None:
            return found


def _layers(rng: Random, most: int = 3) -> tuple[Format, ...]:
    count = rng.choice((0, 1, 1, 1, 2, 2, 3)[: most * 2 + 1])
    return tuple(
        odd.format_(rng) if rng.random() < 0.2 else rng.choice(layers.FORMATS) for _ in range(count)
    )


def _glued(rng: Random) -> Glued:
    return Glued(
        rng.choice((*PROSE, EVENT, EVENT, EVENT)),
        _layers(rng, most=1),
        rng.choice(damage.SEPARATORS),
        rng.random() < 0.5,
        rng.random() < 0.6,
    )


def made(spec: Spec) -> Input | None:
    """Write an input; None if the contract does not promise that its plant is told."""
    names = {one.name for one in spec.damages}
    if not _go_together(spec, names):
        return None
    is_untouched = (
        names <= CHANGES_NOTHING and spec.glued is None and spec.encoded in encoding.CHANGES_NOTHING
    )
    is_wrapped = any(form.escape for form in spec.layers)
    is_exact = (
        is_untouched
        and layers.is_exact(spec.layers)
        and not (is_wrapped and any(one.to_line for one in spec.damages))
        and not (spec.encoded.startswith("docker") and _envelopes(spec) == layers.DEEPEST)
        # What does not begin with the tag goes on with the last words before it.
        and not (spec.encoded == "docker, behind last words" and (spec.layers or spec.damages))
    )
    bare = is_exact or damage.BEGINNING_LOST in names
    line = _line(spec, "" if bare else FILLER)
    if line is None:
        return None
    text, rng = line.translate(MARKS), Random(spec.seed)
    planted = encoding.encoded(spec.encoded, text, spec.ends, rng)
    if planted is None:
        return None
    before, after = (
        b"".join(_whole(text, spec) for text in some)
        for some in (spec.plant.before, spec.plant.after)
    )
    data, start = before + planted + after, before.count(b"\n")
    shown = range(start, start + planted.count(b"\n"))
    if spec.plant.kind == "consistent":  # it is told on either line of the pair
        shown = range(data.count(b"\n"))
    return Input(spec, data, shown, is_exact)


def _envelopes(spec: Spec) -> int:
    return sum(map(layers.is_envelope, spec.layers))


def _go_together(spec: Spec, names: set[str]) -> bool:
    """Whether a promise is left once all of this is done together."""
    glued, damages = spec.glued, {one.name: one for one in spec.damages}
    if len(names & damage.AT_PIPE) > 1 or any(map(layers.shows_tag, spec.layers[1:])):
        return False
    if spec.vocabulary.are_levels and (
        not names <= damage.OF_LEVELS
        # Any other tag outranks a log level word.
        or any(map(layers.shows_tag, (*spec.layers, *(glued.layers if glued else ()))))
        or (glued and not glued.is_before and glued.text == EVENT)
        # Last words before a pipe are such a tag.
        or (spec.encoded == "docker, behind last words" and (spec.layers or spec.damages))
    ):
        return False
    if spec.encoded.startswith("docker") and _envelopes(spec) == layers.DEEPEST and spec.damages:
        return False  # then the innermost is not unwrapped
    lost = [one for one in spec.damages if one.name in LOSES_PIPE]
    if any(map(layers.shows_tag, spec.layers)) and any("=" in one.arg for one in lost):
        return False  # then it is the name of a field of that other tag
    if damage.BEGINNING_LOST in names and (
        glued or spec.encoded or not layers.loses_end(spec.layers)
    ):
        return False
    if any(map(layers.is_beside, spec.layers)) and (spec.vocabulary.are_levels or "cut" in names):
        return False
    if "cut" in names and (glued or spec.encoded == "long"):
        return False
    if spec.encoded == "long" and (spec.damages or glued):
        return False
    if spec.encoded.startswith(("CRI", "docker")) and any(map(_is_cri, spec.layers)):
        return False
    return _colours_fit(spec, damages)


def _colours_fit(spec: Spec, damages: Mapping[str, Damage]) -> bool:
    colour = damages.get("colour")
    if colour is None:
        return True
    if not colour.to_line:
        if any(one.to_line for one in damages.values()):
            return False
        if any(form.escape for form in spec.layers) and (
            spec.glued or not layers.is_seen_whole(spec.layers)
        ):
            return False  # where the text is escaped, it must be unwrapped
    return not (damages.keys() & LOSES_PIPE)


def _line(spec: Spec, filler: str) -> str | None:
    """The planted line with its marks; None if it may be read as prose, or as other values."""
    tag = spec.plant.tag
    fields = spec.plant.planted.removeprefix(f"{tag}|")
    message = f"{TAG}{tag}|{NAME}{fields}{filler}{END}"
    written = layers.texts(message, spec.layers, spec.number)
    if not layers.stands_alone(layers.unwrapped(written, spec.layers)):
        return None  # nor would its neighbours be events
    is_cut = False
    glued = spec.glued
    for one in spec.damages:
        if not one.to_line:
            if not layers.is_seen_whole(spec.layers) and one.name == "cut":
                return None  # what stands behind joins it
            if one.name == "cut" and int(one.arg) > 1:
                return None
            is_cut = is_cut or one.name == "cut"
            message = damage.DONE[one.name](message, tag, one.arg)
    if glued and not glued.to_line:
        message = _joined(message, glued.text, glued)
    if "\n" in message and not any(map(layers.is_envelope, spec.layers)):
        return None
    written = layers.texts(message, spec.layers, spec.number)
    seen = [layers.unwrapped(written, spec.layers)]
    line = written[-1]
    for one in spec.damages:
        if one.to_line:
            if (
                one.name == "cut"
                and int(one.arg) > 1
                and not layers.is_in_quotes(line, spec.layers)
            ):
                return None
            is_cut = is_cut or one.name == "cut"
            line = damage.DONE[one.name](line, tag, one.arg)
    if glued and glued.to_line:
        line = _joined(line, _whole_text(glued.text, glued.layers, spec.number), glued)
    if line != written[-1] or spec.encoded == "long":
        seen.append(line)  # whatever was an envelope may be one no more
    if "\n" in line or not all(_is_told(one, spec, is_cut=is_cut) for one in seen):
        return None
    return line


def _is_told(text: str, spec: Spec, *, is_cut: bool) -> bool:
    """Whether a reader who sees this text sees the tag, and what is promised of it."""
    for one in spec.damages:
        if one.name == "colour":
            text = text.replace(one.arg[1:], "")
    if TAG not in text or not layers.stands_alone(text):
        return False
    names = {one.name for one in spec.damages}
    follows = spec.glued is not None and spec.glued.is_before
    shows_other = bool(spec.layers) and layers.shows_tag(spec.layers[0])
    if (follows or shows_other) and layers.is_after_equals(text):
        return False
    if is_cut:
        return True
    gap = layers.gap(text, spec.plant.tag)
    may_be_value = follows or shows_other or any(map(layers.is_beside, spec.layers))
    if names & LOSES_PIPE and may_be_value and layers.may_be_a_word(text, spec.plant.tag):
        return False
    return layers.is_told(gap) if names & LOSES_PIPE else layers.is_pipe(gap)


def _joined(text: str, other: str, glued: Glued) -> str:
    return (
        f"{other}{glued.separator}{text}" if glued.is_before else f"{text}{glued.separator}{other}"
    )


def _whole_text(message: str, around: tuple[Format, ...], number: int) -> str:
    return layers.texts(message, around, number)[-1]


def _whole(message: str, spec: Spec) -> bytes:
    """A line of which nothing is planted."""
    return _whole_text(message, spec.layers, spec.number).encode() + spec.ends


def _is_cri(form: Format) -> bool:
    return "stdout F" in form.line or "stderr F" in form.line
