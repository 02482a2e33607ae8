"""The geometry of the page's pictures, in hundredths of a percent; colours are the style's."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from loginfix.reports.document import Bars, Timeline
from loginfix.reports.sizes import human_size
from loginfix.words import say, say_count

FULL = 10_000
_LEAST = 80  # what is there at all can be seen
_SHORT = timedelta(days=1)
_FEWEST_DAYS = 14
_MOST_DAYS = 62
_MOST_MONTHS = 60


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar; ``number`` is that of the part among all."""

    number: int
    start: int
    width: int
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar with its parts; ``text`` says the same in words."""

    label: str
    total: str
    segments: tuple[Segment, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """A stretch of time, and how many things were last used in it."""

    label: str
    count: int
    start: int
    width: int
    height: int
    text: str


def segments(figure: Bars) -> list[Bar]:
    """Bars to the scale of the largest."""
    longest = max((sum(sizes) for _, sizes in figure.bars), default=0) or 1
    return [_bar(figure, label, sizes, longest) for label, sizes in figure.bars]


def _bar(figure: Bars, label: str, sizes: tuple[int, ...], longest: int) -> Bar:
    parts, start = [], 0
    for number, (title, size) in enumerate(zip(figure.parts, sizes, strict=True)):
        if size:
            width = max(_LEAST, size * FULL // longest)
            text = say("{part}: {size}", part=title, size=human_size(size))
            parts.append(Segment(number, start, width, text))
            start += width
    # What was drawn wider to be seen at all must not push the rest out of the picture.
    scale = min(1.0, FULL / start) if start else 1.0
    drawn = tuple(
        Segment(each.number, int(each.start * scale), max(1, int(each.width * scale)), each.label)
        for each in parts
    )
    return Bar(label, human_size(sum(sizes)), drawn, ", ".join(each.label for each in parts))


def buckets(figure: Timeline) -> list[Bucket]:
    """Columns for hours, days, months or years, whichever shows the most of what there is."""
    moments = [each.astimezone() for each in figure.moments]
    begin, end = min(moments), max(moments)
    if end - begin < _SHORT:
        form, step = "%Y-%m-%d %H:00", _next_hour
        begin = min(begin, end - _SHORT)  # a few columns alone would look like walls
    elif (end - begin).days < _MOST_DAYS:
        form, step = "%Y-%m-%d", _next_day
        begin = min(begin, end - timedelta(days=_FEWEST_DAYS))
    elif (end - begin).days < _MOST_MONTHS * 30:
        form, step = "%Y-%m", _next_month
    else:
        form, step = "%Y", _next_year
    counts = Counter(each.strftime(form) for each in moments)
    names = _names(begin, end, form, step)
    width = FULL // len(names)
    highest = max(counts.values())
    return [
        Bucket(
            name,
            counts[name],
            number * width,
            width,
            max(_LEAST, counts[name] * FULL // highest) if counts[name] else 0,
            say_count("{when}: {count} item", "{when}: {count} items", counts[name], when=name),
        )
        for number, name in enumerate(names)
    ]


def in_words(columns: list[Bucket]) -> str:
    """What the columns show: from when to when, and when most."""
    most = max(columns, key=lambda each: each.count)
    return say(
        "From {first} to {last}; most on {most}.",
        first=columns[0].label,
        last=columns[-1].label,
        most=most.text,
    )


def _names(
    begin: datetime, end: datetime, form: str, step: Callable[[datetime], datetime]
) -> list[str]:
    names, moment, last = [], begin, end.strftime(form)
    while (name := moment.strftime(form)) < last:
        names.append(name)
        moment = step(moment)
    return list(dict.fromkeys([*names, last]))


def _next_hour(moment: datetime) -> datetime:
    return moment + timedelta(hours=1)


def _next_day(moment: datetime) -> datetime:
    return moment + timedelta(days=1)


def _next_month(moment: datetime) -> datetime:
    return (moment.replace(day=1) + timedelta(days=32)).replace(day=1)


def _next_year(moment: datetime) -> datetime:
    return moment.replace(year=moment.year + 1, month=1, day=1)
