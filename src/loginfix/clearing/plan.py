"""The plan: what every profile holds of the site. A dry run stops here."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from loginfix.browsers.in_use import Running
from loginfix.browsers.model import Profile
from loginfix.browsers.running import running_state
from loginfix.clearing.known_hosts import KnownHosts
from loginfix.errors import LoginfixError, Problem, ProfileUnreadableError
from loginfix.files.tree import Tree
from loginfix.progress import Progress, counted, silent
from loginfix.sites.site import Site
from loginfix.stores.catalog import declared_stores
from loginfix.stores.declared import DeclaredStore
from loginfix.stores.model import Category, Finding, Place, Root, State, Wish
from loginfix.words import message, say


@dataclass(frozen=True, slots=True)
class Request:
    """What the person asked for; ``asked`` are the categories that were named for it.

    ``itemised`` asks for the name of every single thing.
    """

    site: Site
    categories: frozenset[Category] = frozenset(Category)
    keep_cookies: frozenset[str] = frozenset()
    asked: frozenset[Category] = frozenset()
    drop_locked_sessions: bool = False
    itemised: bool = False

    @property
    def others(self) -> frozenset[Category]:
        """The categories that are not to be cleared."""
        return frozenset(Category) - self.categories

    @property
    def wish(self) -> Wish:
        """The part that stores need."""
        return Wish(
            self.site,
            self.keep_cookies,
            categories=self.categories,
            drop_locked_sessions=self.drop_locked_sessions,
            itemised=self.itemised,
        )


@dataclass(frozen=True, slots=True)
class ProfilePlan:
    """What one profile holds of the site, and whether it can be worked on.

    ``hosts`` are those of the site that were found.
    """

    profile: Profile
    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...] = ()
    running: Running | None = None
    hosts: frozenset[str] = frozenset()

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
    progress: Progress = silent,
) -> Plan:
    """Look into every profile; changes not one byte of any of them.

    Raises:
        ProfileUnreadableError: Not a single profile could be opened.
    """
    plans = []
    for profile, shared in with_shared(profiles):
        plans.append(_look_into(profile, request, progress, shared=shared))
    if plans and all(plan.problems for plan in plans):
        first = plans[0].problems[0]
        raise ProfileUnreadableError(first.message, next_step=first.next_step, path=first.path)
    return Plan(request, tuple(plans), tuple(problems))


def with_shared(profiles: Iterable[Profile]) -> Iterator[tuple[Profile, bool]]:
    """Each profile, and whether what it shares with others is to be worked on along with it."""
    seen: set[Path] = set()
    for profile in profiles:
        yield profile, profile.user_data not in seen
        seen.add(profile.user_data)


def _look_into(
    profile: Profile, request: Request, progress: Progress, *, shared: bool
) -> ProfilePlan:
    findings, problems = [], []
    running: Running | None = None
    hosts: frozenset[str] = frozenset()
    try:
        running = running_state(profile)
        with open_places(profile, request, shared=shared) as places:
            known = KnownHosts(request.wish, _hosts_elsewhere(profile, request, shared=shared))
            doing = say("Looking at {profile}", profile=profile.label)
            for declared, place in counted(progress, doing, places, len(places)):
                finding = look(declared, place, known.wish(declared))
                known.add(finding)
                findings.append(finding)
            hosts = known.hosts
        if Category.CACHE in request.categories:
            findings += _unreachable_cache(profile)
    except LoginfixError as error:
        problems.append(error.as_problem())
    return ProfilePlan(profile, tuple(findings), tuple(problems), running, hosts)


def _hosts_elsewhere(profile: Profile, request: Request, *, shared: bool) -> frozenset[str]:
    """The site's hosts in stores that are not to be cleared, if a hash of one may have to be."""
    others = request.others
    if not others or not any(each.hashed for each in wanted_stores(profile, request)):
        return frozenset()
    known = KnownHosts(request.wish)
    with open_places(profile, replace(request, categories=others), shared=shared) as places:
        for declared, place in places:
            known.add(look(declared, place, request.wish))
    return known.hosts


def look(declared: DeclaredStore, place: Place, wish: Wish) -> Finding:
    """What one store holds of the site; one that cannot be read is left alone, with a problem."""
    try:
        return declared.store.find(place, wish)
    except LoginfixError as error:
        return left_alone(declared, place, error.as_problem())
    except OSError as error:
        return left_alone(declared, place, unreadable(place, error).as_problem())


def wanted_stores(profile: Profile, request: Request) -> list[DeclaredStore]:
    """The declared stores of the profile's engine that are to be looked at."""
    return [
        declared
        for declared in declared_stores(profile.engine)
        if declared.is_wanted(request.categories, request.asked)
    ]


@contextmanager
def open_places(
    profile: Profile, request: Request, *, shared: bool
) -> Iterator[list[tuple[DeclaredStore, Place]]]:
    """Pin the profile's directories and list the declared stores that are there.

    With ``shared``, also those in the directory above, which all profiles share.

    Raises:
        ProfileUnreadableError: The profile directory cannot be opened.
    """
    stores = wanted_stores(profile, request)
    with ExitStack() as stack:
        own = (Root.PROFILE, stack.enter_context(open_tree(profile, profile.path)), "")
        trees = {Root.PROFILE: [own], Root.CACHE: [own], Root.USER_DATA: []}
        if profile.cache_path != profile.path and profile.cache_path.is_dir():
            # Caches may lie in both places, after the browser's installation was changed.
            outer = stack.enter_context(open_tree(profile, profile.cache_path))
            trees[Root.CACHE].append((Root.CACHE, outer, ""))
        moved, inside = profile.moved_cache, ""
        if moved and moved.is_relative_to(profile.path):
            inside = moved.relative_to(profile.path).as_posix()
        if (apart := profile.separate_cache) and apart.is_dir():
            there = stack.enter_context(open_tree(profile, apart))
            trees[Root.CACHE].append((Root.MOVED_CACHE, there, ""))
        if profile.user_data == profile.path:  # Opera's layout: nothing is above the profile
            trees[Root.USER_DATA].append(own)
        elif shared:
            for path in shared_directories(profile, stores):
                part = stack.enter_context(open_tree(profile, path))
                trees[Root.USER_DATA].append((Root.USER_DATA, part, path.name))
        yield [
            (declared, replace(place, profile=own[1]))
            for declared in stores
            for root, tree, below in trees[declared.root]
            for place in declared.places(root, tree, below)
        ] + [
            (declared, replace(place, profile=own[1]))
            for declared in stores
            if inside not in ("", ".") and declared.root is Root.CACHE
            for place in declared.inside(inside).places(Root.PROFILE, own[1])
        ]


def _unreachable_cache(profile: Profile) -> list[Finding]:
    moved = profile.moved_cache
    if moved is None or moved.is_relative_to(profile.path) or profile.separate_cache:
        return []
    problem = Problem(
        "not-understood",
        say(
            "The web cache of {label} was moved to {moved} and was left alone: that folder"
            " holds other things of the profile too.",
            label=profile.label,
            moved=moved,
        ),
        say("Clear the cache in the browser's own settings."),
        moved,
    )
    return [
        Finding(
            store=f"{profile.engine}.moved_cache",
            title=message("Moved web cache"),
            category=Category.CACHE,
            path=moved,
            state=State.LEFT_ALONE,
            problems=(problem,),
        )
    ]


def shared_directories(profile: Profile, stores: Iterable[DeclaredStore]) -> list[Path]:
    """The directories beside the profile in which a declared store may be."""
    names = {
        path.partition("/")[0]
        for declared in stores
        if declared.root is Root.USER_DATA
        for path in declared.paths
    }
    paths = [profile.user_data / name for name in sorted(names)]
    # A link would lead out of what belongs to the browser.
    return [path for path in paths if path.is_dir() and not path.is_symlink()]


def root_path(profile: Profile, root: Root, rel: str) -> tuple[Path, str, str]:
    """The directory to pin for a path of a root; the path below it; and what of it was cut off."""
    match root:
        case Root.PROFILE:
            return profile.path, rel, ""
        case Root.CACHE:
            return profile.cache_path, rel, ""
        case Root.MOVED_CACHE:
            return profile.moved_cache or profile.cache_path, rel, ""
        case Root.USER_DATA:
            below, _, rest = rel.partition("/")
            return profile.user_data / below, rest, below


def open_tree(profile: Profile, path: Path) -> Tree:
    """Pin one directory of a profile.

    Raises:
        ProfileUnreadableError: It cannot be opened.
    """
    try:
        return Tree(path)
    except OSError as error:
        raise ProfileUnreadableError(
            say(
                "{label} was left alone: {path} cannot be read ({reason}).",
                label=profile.label,
                path=path,
                reason=error.strerror,
            ),
            next_step=say("Check that the folder belongs to you and that you may read it."),
            path=profile.path,
        ) from error


def left_alone(declared: DeclaredStore, place: Place, problem: Problem) -> Finding:
    """The finding of a store that could not be read or edited."""
    return Finding(
        store=declared.identity.id,
        title=declared.identity.title,
        category=declared.identity.category,
        path=place.path,
        state=State.LEFT_ALONE,
        problems=(problem,),
    )


def unreadable(place: Place, error: OSError) -> ProfileUnreadableError:
    """The error for a store that the system does not let us read."""
    return ProfileUnreadableError(
        say(
            "{path} was left alone: it cannot be read ({reason}).",
            path=place.path,
            reason=error.strerror,
        ),
        next_step=say("Check that the file belongs to you and that you may read it."),
        path=place.path,
    )
