"""What a filter can be completed with: names and values that occur."""

from __future__ import annotations

from repro_tui.catalog.connect import Catalog

_MOST = 40
"""Values of one name that are offered."""


def values_seen(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Give the values of each parameter and of each qualifier that takes them, the most frequent first."""
    found: dict[str, list[str]] = {}
    for name, text in catalog.fetch(
        f"""
        SELECT name, text FROM (
            SELECT name, text, row_number() OVER (PARTITION BY name ORDER BY count(*) DESC, text) AS place
            FROM params GROUP BY name, text
        ) WHERE place <= {_MOST} AND length(text) <= 200 ORDER BY name, place
        """  # noqa: S608 - a constant of our own
    ):
        found.setdefault(name, []).append(text)
    answer = {name: tuple(texts) for name, texts in found.items()}
    for qualifier in ("user", "host", "lineage", "name"):
        rows = catalog.fetch(
            f'SELECT "{qualifier}" FROM runs WHERE "{qualifier}" <> \'\' '  # noqa: S608 - our own columns
            f"GROUP BY 1 ORDER BY max(started) DESC LIMIT {_MOST}"
        )
        answer[qualifier] = tuple(text for (text,) in rows)
    tags = catalog.fetch(
        "SELECT tag FROM (SELECT unnest(tags) AS tag FROM runs) GROUP BY tag ORDER BY count(*) DESC, tag"
    )
    answer["tag"] = tuple(text for (text,) in tags[:_MOST])
    return answer
