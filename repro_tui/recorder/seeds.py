"""Seeds, noted when they are set: nobody can read them back later."""

from __future__ import annotations

import sys

from .callers import calling_line, replace, stand_in
from .values import scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from .imports import Wrappers
    from .session import Session

_LIMIT = 100
_NOTEBOOK = "/ipykernel_"
_TYPED = 1 << 16
"""Seeds that a person types are hardly greater; those that libraries draw from them hardly ever smaller."""

_FUNCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "torch": ("torch", ("manual_seed",)),
    "torch.random": ("torch", ("manual_seed",)),
    "torch.cuda": ("torch.cuda", ("manual_seed", "manual_seed_all")),
    "torch.cuda.random": ("torch.cuda", ("manual_seed", "manual_seed_all")),
    "tensorflow.python.framework.random_seed": ("tensorflow", ("set_seed", "set_random_seed")),
    "keras.src.utils.rng_utils": ("keras", ("set_random_seed",)),
    "jax._src.random": ("jax", ("PRNGKey", "key")),
    "jax.random": ("jax", ("PRNGKey", "key")),
    "cupy.random": ("cupy", ("seed",)),
    "mlx.core": ("mlx", ()),
    "sklearn.utils.validation": ("sklearn", ("check_random_state",)),
}
"""Module to the library's name and its functions whose first argument is a seed."""


_seen: set[tuple[str, object, object]] = set()


def afresh() -> None:
    """Forget which seeds were noted: another run begins."""
    _seen.clear()


class Seeds:
    """Writes each seed once a place in the script."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen = _seen

    def teller(self, library: str, position: int = 0, default: object = None) -> Callable[..., None]:
        """Give an observer of a function that takes a seed at a position or under a name."""

        def tell(*args: object, **kwargs: object) -> None:
            given = args[position] if len(args) > position else kwargs.get("seed", kwargs.get("a", default))
            self.note(library, given)

        return tell

    def note(self, library: str, seed: object) -> None:
        """Write a seed, unless none was given or it is a generator rather than a number."""
        written = written_seed(seed)
        if written is None or len(self._seen) >= _LIMIT:
            return
        session = self._session
        # A worker of a data loader is seeded by its library in every epoch; only the script's own calls count there.
        # PyTorch seeds its devices with every seed of its own, which says nothing more.
        at = calling_line(4, near=session.worker or session.forked or library == "torch.cuda")
        if at is None:
            return
        place = "%s:%d" % (session.place(at[0]), at[1]) if at[0] else ""
        if _NOTEBOOK in place:  # the file of a cell is called after the process
            place = "notebook:%d" % at[1]
        # Estimators seed their parts with numbers drawn from the first: only that one is the script's.
        drawn = not at[2] and (library, None, place) in self._seen and _is_drawn(seed)
        if not drawn and (library, written, place) not in self._seen:
            self._seen |= {(library, None, place), (library, written, place)}
            session.event("seed", lib=library, v=written, at=place)


def _is_drawn(seed: object) -> bool:
    """Tell whether a seed looks as if a generator had made it."""
    return not isinstance(seed, str) and (not hasattr(seed, "__index__") or abs(int(seed)) >= _TYPED)


def written_seed(seed: object) -> object:
    """Give a seed as it is written: numbers exactly, text, lists as JSON; None for what is no seed."""
    if seed is None or isinstance(seed, (int, float, str)):
        return seed
    if isinstance(seed, (bytes, bytearray)):
        return seed.hex()[:200]
    if isinstance(seed, (list, tuple)) or hasattr(seed, "item") or hasattr(seed, "tolist"):
        listed = seed.tolist() if hasattr(seed, "tolist") else seed
        return scalar(listed)
    return None


def _class_stand_in(original: type, tell: Callable[..., None]) -> type:
    """Give a class that makes instances of the original, and is to every check what the original is.

    Extension types cannot be changed in place; a metaclass answers `isinstance`, `issubclass` and calls for them.
    """

    class Answering(type(original)):  # type: ignore[misc]
        def __call__(cls, *args: object, **kwargs: object) -> object:
            if cls is not standing_in:
                return super().__call__(*args, **kwargs)
            made = original(*args, **kwargs)
            try:
                tell(*args, **kwargs)
            except Exception:  # unknown signatures
                pass
            return made

        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, original) if cls is standing_in else super().__instancecheck__(instance)

        def __subclasscheck__(cls, subclass: type) -> bool:
            return issubclass(subclass, original) if cls is standing_in else super().__subclasscheck__(subclass)

        def __eq__(cls, other: object) -> bool:
            return other is cls or (cls is standing_in and other is original)

        def __hash__(cls) -> int:
            return hash(original) if cls is standing_in else super().__hash__()

        def __repr__(cls) -> str:
            return repr(original) if cls is standing_in else super().__repr__()

    standing_in: type = type.__new__(
        Answering,
        original.__name__,
        (original,),
        {
            "__module__": original.__module__,
            "__qualname__": original.__qualname__,
            "__doc__": original.__doc__,
            "__slots__": (),
        },
    )
    return standing_in


def wrappers(session: Session) -> Wrappers:
    """Give, for each module with seeds, what to do once it is imported."""
    seeds = Seeds(session)
    table: Wrappers = {"random": lambda module: _random(module, seeds), "numpy.random": lambda m: _numpy(m, seeds)}
    for name, (library, functions) in _FUNCTIONS.items():
        table[name] = _wrapper(seeds, library, functions)
    return table


def _wrapper(seeds: Seeds, library: str, functions: tuple[str, ...]) -> Callable[[ModuleType], None]:
    """Give what wraps a module's functions, each once, wherever else it is known under."""

    def wrap(module: ModuleType) -> None:
        for name in functions:
            original = getattr(module, name, None)
            if original is not None and not hasattr(original, "__wrapped__"):
                replace(module, name, seeds.teller(library))

    return wrap


def _random(module: ModuleType, seeds: Seeds) -> None:
    """Wrap `random.seed` and the class whose hidden instance it belongs to."""
    replace(module, "seed", seeds.teller("random"))
    cls = module.Random
    cls.seed = stand_in(cls.seed, seeds.teller("random", position=1))


def _numpy(module: ModuleType, seeds: Seeds) -> None:
    """Wrap NumPy's legacy and present ways to seed."""
    inner = sys.modules.get("numpy.random.mtrand")
    for name in ("seed", "default_rng"):
        replace(module, name, seeds.teller("numpy"))
    if inner is not None and hasattr(inner, "seed"):
        inner.seed = module.seed  # type: ignore[attr-defined]
    for name in ("RandomState", "SeedSequence", "PCG64", "MT19937", "Philox"):
        original = getattr(module, name, None)
        if isinstance(original, type):
            wrapped = _class_stand_in(original, seeds.teller("numpy"))
            setattr(module, name, wrapped)
            if inner is not None and name == "RandomState":
                inner.RandomState = wrapped  # type: ignore[attr-defined]
