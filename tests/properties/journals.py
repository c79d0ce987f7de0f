"""Strategies: what may stand in a journal, and what may not."""

from __future__ import annotations

from hypothesis import strategies as st

from repro_tui.domain.events import Event, Header

WRITERS = tuple(f"{n:016x}" for n in range(4))
UID = "a" * 32
DIGEST = "b3:" + "0" * 64

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)

names = st.sampled_from(["a", "b", "lr", "model.depth"]) | st.text(max_size=6)
flats = st.dictionaries(
    names, st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6), max_size=4
)
digests = st.sampled_from([DIGEST, "b3:" + "1" * 64])

BODIES = {
    "start": st.fixed_dictionaries(
        {"name": names, "argv": st.lists(names, max_size=3)},
        optional={"user": names, "output": st.lists(names, max_size=2), "relations": json_values},
    ),
    "child": st.fixed_dictionaries({"pid": st.integers(1, 5)}),
    "end": st.one_of(st.fixed_dictionaries({"exit": st.integers(0, 2)}), st.fixed_dictionaries({"signal": st.just(9)})),
    "bye": st.fixed_dictionaries({"main": st.booleans()}, optional={"err": names}),
    "params": st.fixed_dictionaries({"src": st.sampled_from(["log", "argv", "env", "file:c.yaml"]), "v": flats}),
    "doc": st.fixed_dictionaries({"sec": names, "d": digests, "size": st.integers(0, 9)}, optional={"v": flats}),
    "file": st.fixed_dictionaries(
        {"path": names, "mode": st.sampled_from(["r", "w", "rw"]), "by": st.sampled_from(["open", "fd"])},
        optional={"st": st.lists(st.integers(0, 9), min_size=4, max_size=4)},
    ),
    "print": st.fixed_dictionaries(
        {
            "path": names,
            "role": st.sampled_from(["in", "out", "config"]),
            "when": st.sampled_from(["before", "after"]),
            "d": digests | st.none(),
            "cov": st.sampled_from(["full", "metadata", "pending"]),
        },
        optional={"size": st.integers(0, 9), "files": st.integers(0, 9), "st": st.lists(st.integers(0, 9), max_size=5)},
    ),
    "answer": st.fixed_dictionaries({"question": names, "answer": st.sampled_from(["yes", "no"])}),
    "snapshot": st.fixed_dictionaries(
        {"d": digests, "parts": st.lists(st.fixed_dictionaries({"name": names, "kind": names}), max_size=2)},
        optional={"partial": st.lists(names, max_size=2), "size": st.integers(0, 9)},
    ),
    "verified": st.fixed_dictionaries({"d": digests, "ok": st.booleans()}, optional={"why": names}),
    "dropped": st.fixed_dictionaries(
        {"d": digests, "part": st.sampled_from(["*", "a", "b"])}, optional={"on": st.booleans()}
    ),
    "link": st.fixed_dictionaries({"path": names, "to": names}),
    "save": st.fixed_dictionaries({"paths": st.lists(names, max_size=3)}),
    "seed": st.fixed_dictionaries({"lib": names, "v": st.integers(0, 3), "at": names}),
    "flags": st.fixed_dictionaries({"v": flats}),
    "libs": st.fixed_dictionaries({"v": flats}),
    "source": st.fixed_dictionaries({"path": names, "d": digests}),
    "problem": st.fixed_dictionaries({"where": names, "what": names}, optional={"hint": names}),
    "redacted": st.fixed_dictionaries({"where": names, "what": names}),
    "withheld": st.fixed_dictionaries({"path": names, "why": names}),
    "tag": st.fixed_dictionaries({"tag": names, "on": st.booleans()}),
    "note": st.fixed_dictionaries({"text": names}),
    "pin": st.fixed_dictionaries({"on": st.booleans()}),
    "name": st.fixed_dictionaries({"name": names}),
    "python": st.fixed_dictionaries({"exe": names, "main": st.booleans()}),
    "unheard-of": st.dictionaries(names, json_values, max_size=2),
}


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, dict[str, object]]:
    """Give a kind and its fields, now and then with one of them replaced by anything."""
    kind = draw(st.sampled_from(sorted(BODIES)))
    body = dict(draw(BODIES[kind]))
    if body and draw(st.integers(0, 5)) == 0:
        body[draw(st.sampled_from(sorted(body)))] = draw(json_values)
    return kind, body


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Give events of a few writers; a place (writer, position) is used once, as in a file."""
    found = []
    for position in range(draw(st.integers(0, 12))):
        kind, body = draw(bodies())
        number = draw(st.integers(0, len(WRITERS) - 1))
        t, counter = float(draw(st.integers(0, 5))), draw(st.integers(0, 3))
        found.append(Event(kind, t, WRITERS[number], number % 3, position, counter, body))
    return found


headers = st.lists(
    st.builds(
        lambda n, t: Header(UID, WRITERS[n], ("supervisor", "process", "person")[n % 3], n % 3, n, f"h{n}", "b", n, t),
        st.integers(0, 3),
        st.floats(0, 9),
    ),
    max_size=4,
)
