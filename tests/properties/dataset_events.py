"""Makes events of the project's journal about datasets, sane and insane."""

from __future__ import annotations

from hypothesis import strategies as st

from repro_tui.domain.events import Event
from repro_tui.domain.ids import WriterId

NAMES = st.sampled_from(["train", "test", "raw"])
DIGESTS = st.sampled_from([f"b3:{digit * 64}" for digit in "0123abc"])
WRITERS = st.sampled_from([WriterId(digit * 16) for digit in "123"])
USERS = st.sampled_from(["ada", "bo"])
ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)

SOURCES = st.lists(
    st.fixed_dictionaries({"name": NAMES, "d": DIGESTS | st.none(), "path": st.just("data")}), max_size=2
)
BODIES = {
    "dataset": st.fixed_dictionaries(
        {
            "name": NAMES,
            "path": st.sampled_from(["a", "b"]),
            "watch": st.sampled_from(["never", "ask", "always", "no"]),
        },
        optional={"on": st.booleans(), "label": st.just("y"), "user": USERS},
    ),
    "watch": st.fixed_dictionaries({"name": NAMES, "watch": st.sampled_from(["never", "ask", "always", "?"])}),
    "version": st.fixed_dictionaries(
        {"name": NAMES, "d": DIGESTS, "files": st.integers(-1, 3), "size": st.integers(0, 9)},
        optional={
            "list": DIGESTS,
            "path": st.sampled_from(["a", "b"]),
            "cov": st.sampled_from(["full", "metadata", "?"]),
            "user": USERS,
            "run": st.sampled_from(["0" * 32, "f" * 32, "nothing"]),
        },
    ),
    "profile": st.fixed_dictionaries(
        {"name": NAMES, "d": DIGESTS, "doc": DIGESTS}, optional={"rows": st.integers(0, 9)}
    ),
    "made": st.fixed_dictionaries(
        {"name": NAMES, "d": DIGESTS, "of": SOURCES, "argv": st.lists(st.text(max_size=2), max_size=2)},
        optional={"note": st.text(max_size=3), "exit": st.integers(0, 2), "uid": st.just("0" * 32)},
    ),
    "kept": st.fixed_dictionaries({"name": NAMES, "d": DIGESTS, "snapshot": DIGESTS}),
    "overlap": st.fixed_dictionaries(
        {
            "a": st.fixed_dictionaries({"name": NAMES, "d": DIGESTS}),
            "b": st.fixed_dictionaries({"name": NAMES, "d": DIGESTS}),
            "rows": st.integers(0, 3),
            "of": st.integers(0, 3),
        }
    ),
}
KINDS = sorted(BODIES)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """Make one event; some have a field of another type than the format says."""
    kind = draw(st.sampled_from(KINDS))
    body = dict(draw(BODIES[kind]))
    if draw(st.integers(0, 5)) == 0:
        body[draw(st.sampled_from(sorted(body)))] = draw(ODD)
    return Event(
        kind=kind,
        t=float(draw(st.integers(1, 5))),
        writer=draw(WRITERS),
        attempt=0,
        position=draw(st.integers(0, 20)),
        counter=draw(st.integers(0, 4)),
        body=body,
    )
