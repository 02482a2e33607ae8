"""The words of this package: cause, verdict, confidence, observation, check."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Generic, TypeVar

S_contra = TypeVar("S_contra", contravariant=True)


class Cause(StrEnum):
    """Why a login fails, in the order in which help articles name the causes."""

    CREDENTIALS = "credentials"
    CODE = "code"
    CAPTCHA = "captcha"
    BROWSER = "browser"
    TAKEN_OVER = "taken-over"

    @property
    def number(self) -> int:
        """Its place in that order, from 1."""
        return list(Cause).index(self) + 1


class Verdict(StrEnum):
    """What a check came to."""

    OK = "ok"
    SUSPICIOUS = "suspicious"
    PROBLEM = "problem"
    CANNOT_TELL = "cannot-tell"


class Confidence(IntEnum):
    """How far such a finding explains a failing login, by the public evidence for it."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do: a sentence and, where loginfix can do it, the words of the command."""

    sentence: str
    command: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a check says: a verdict, one sentence, the evidence for it, and what to do."""

    verdict: Verdict
    sentence: str
    evidence: tuple[str, ...] = ()
    remedy: Remedy | None = None
    confidence: Confidence | None = None

    @property
    def is_finding(self) -> bool:
        """Whether it may explain a failing login."""
        return self.verdict in (Verdict.PROBLEM, Verdict.SUSPICIOUS)


def ok(sentence: str, *evidence: str) -> Answer:
    """The answer that nothing is wrong."""
    return Answer(Verdict.OK, sentence, evidence)


def cannot_tell(sentence: str, *evidence: str) -> Answer:
    """The answer of a check that could not look."""
    return Answer(Verdict.CANNOT_TELL, sentence, evidence)


@dataclass(frozen=True, slots=True)
class Check(Generic[S_contra]):
    """One thing to look at. ``examine`` may raise anything: it then counts as "cannot tell".

    ``confidence`` is that of its findings unless an answer has its own.
    """

    id: str
    title: str
    cause: Cause
    confidence: Confidence
    examine: Callable[[S_contra], Answer | None] = field(repr=False)
    """The answer; None where there is nothing to look at, such as on another engine."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A check's answer, about one profile or, where ``profile`` is None, about this computer.

    ``subject`` is the profile's name for a person.
    """

    check: str
    title: str
    cause: Cause
    confidence: Confidence
    answer: Answer
    profile: str | None = None
    subject: str = ""


def strongest(observations: Iterable[Observation]) -> list[Observation]:
    """The findings, the one that explains a failing login best first."""
    return sorted(
        (each for each in observations if each.answer.is_finding),
        key=lambda each: (each.answer.verdict is not Verdict.PROBLEM, -each.confidence),
    )
