"""The plan: what every profile holds of the site. A dry run stops here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loginfix.browsers.in_use import Running
from loginfix.browsers.model import Profile
from loginfix.browsers.running import running_state
from loginfix.errors import LoginfixError, Problem, ProfileUnreadableError
from loginfix.files.tree import Tree
from loginfix.sites.site import Site
from loginfix.stores.catalog import DeclaredStore, declared_stores
from loginfix.stores.model import Category, Finding, Place, Root, State, Wish

Progress = Callable[[str], None]
"""Told, in a word for a person, what is being worked on."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the person asked for."""

    site: Site
    categories: frozenset[Category] = frozenset(Category)
    keep_cookies: frozenset[str] = frozenset()

    @property
    def wish(self) -> Wish:
        """The part that stores need."""
        return Wish(self.site, self.keep_cookies)


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """What one profile holds of the site, and whether it can be worked on."""

    profile: Profile
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...] = ()
    running: Running | None = None

    @property
    def found(self) -> tuple[Finding, ...]:
        """The stores that hold something."""
        return tuple(each for each in self.findings if each.state is State.FOUND)

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """What was left alone in this profile, store by store."""
        return (*self.problems, *(p for each in self.findings for p in each.problems))


@dataclass(frozen=True, slots=True)
class Plan:
    """All findings of a run."""

    request: Request
    profiles: tuple[ProfilePlan, ...]
    problems: tuple[Problem, ...] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether no profile holds anything of the site."""
        return not any(each.found for each in self.profiles)

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """Everything that was left alone."""
        return (*self.problems, *(p for each in self.profiles for p in each.all_problems))


def make_plan(
    request: Request,
    profiles: Sequence[Profile],
    *,
    problems: Iterable[Problem] = (),
    progress: Progress = lambda _: None,
) -> Plan:
    """Look into every profile; changes not one byte of any of them.

    Raises:
        ProfileUnreadableError: Not a single profile could be opened.
    """
    plans = []
    for profile in profiles:
        progress(profile.label)
        plans.append(_look_into(profile, request))
    if plans and all(plan.problems for plan in plans):
        first = plans[0].problems[0]
        raise ProfileUnreadableError(first.message, next_step=first.next_step, path=first.path)
    return Plan(request, tuple(plans), tuple(problems))


def _look_into(profile: Profile, request: Request) -> ProfilePlan:
    running = running_state(profile)
    findings, problems = [], []
    try:
        with open_places(profile, request.categories) as places:
            for declared, place in places:
                findings.append(look(declared, place, request.wish))
    except LoginfixError as error:
        problems.append(error.as_problem())
    return ProfilePlan(profile, tuple(findings), tuple(problems), running)


def look(declared: DeclaredStore, place: Place, wish: Wish) -> Finding:
    """What one store holds of the site; one that cannot be read is left alone, with a problem."""
    try:
        return declared.store.find(place, wish)
    except LoginfixError as error:
        return left_alone(declared, place, error.as_problem())
    except OSError as error:
        return left_alone(declared, place, unreadable(place, error).as_problem())


@contextmanager
def open_places(
    profile: Profile, categories: frozenset[Category]
) -> Iterator[list[tuple[DeclaredStore, Place]]]:
    """Pin the profile's directories and list the declared stores that are there.

    Raises:
        ProfileUnreadableError: The profile directory cannot be opened.
    """
    with ExitStack() as stack:
        own = (Root.PROFILE, stack.enter_context(open_tree(profile, profile.path)))
        trees = {Root.PROFILE: [own], Root.CACHE: [own]}
        if profile.cache_path != profile.path and profile.cache_path.is_dir():
            # Caches may lie in both places, after the browser's installation was changed.
            outer = stack.enter_context(open_tree(profile, profile.cache_path))
            trees[Root.CACHE].append((Root.CACHE, outer))
        yield [
            (declared, place)
            for declared in declared_stores(profile.engine)
            if declared.store.category in categories
            for root, tree in trees[declared.root]
            for place in declared.places(root, tree)
        ]


def open_tree(profile: Profile, path: Path) -> Tree:
    """Pin one directory of a profile.

    Raises:
        ProfileUnreadableError: It cannot be opened.
    """
    try:
        return Tree(path)
    except OSError as error:
        raise ProfileUnreadableError(
            f"{profile.label} was left alone: {path} cannot be read ({error.strerror}).",
            next_step="Check that the folder belongs to you and that you may read it.",
            path=profile.path,
        ) from error


def left_alone(declared: DeclaredStore, place: Place, problem: Problem) -> Finding:
    """The finding of a store that could not be read or edited."""
    return Finding(
        store=declared.store.id,
        title=declared.store.title,
        category=declared.store.category,
        path=place.path,
        state=State.LEFT_ALONE,
        problems=(problem,),
    )


def unreadable(place: Place, error: OSError) -> ProfileUnreadableError:
    """The error for a store that the system does not let us read."""
    return ProfileUnreadableError(
        f"{place.path} was left alone: it cannot be read ({error.strerror}).",
        next_step="Check that the file belongs to you and that you may read it.",
        path=place.path,
    )
