"""Finds secrets, so that they do not get in: in arguments, in values under a name, and in the text of files.

What is found is named (`--api-key`, `HF_TOKEN`, `GitHub token`), and its value is never kept, shown or logged.
A false alarm costs a withheld file, so words of machine learning and digests must pass; a miss costs a leak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from repro_tui.recorder.redaction import REDACTED, by_name, inside_json, is_secret, spans
from repro_tui.recorder.secret_kinds import announces_secret
from repro_tui.source.words import words

__all__ = ["REDACTED", "Found", "find", "is_secret", "redact_argv", "redact_text", "redact_values"]

_LONG_LINE = 20_000


_CODE = words(
    """
    .py .pyi .pyx .ipynb .js .ts .tsx .jsx .mjs .c .cc .cpp .cxx .cu .cuh .h .hpp .java .kt .scala .go .rs .rb
    .r .jl .lua .m .swift .cs .php .pl .md .rst .tex .proto .sql .html .css
    """
)
_NAME = r"(?<![A-Za-z0-9_.])[A-Za-z_][A-Za-z0-9_.\-]{1,80}+"
_QUOTED = re.compile(
    rf"(?P<name>{_NAME})(?:\\?[\"'])?\s{{0,9}}\]?\s{{0,9}}(?:[:=]>?|:=)"
    r"(?:\s{0,9}[A-Za-z_][\w.\[\]| ]{0,40}=)?\s{0,9}"
    r"(?:[rbuf]{0,2})(?P<quote>\\?[\"'])(?P<value>[^\"'\n\\]{1,2000})(?P=quote)"
)
_PAIR = re.compile(rf"[\"'](?P<name>{_NAME})[\"']\s{{0,9}},\s{{0,9}}[\"'](?P<value>[^\"'\n]{{1,2000}})[\"']")
_OPTION_DEFAULT = re.compile(
    r"[\"']--?(?P<name>[A-Za-z][\w-]{1,60})[\"'][^\n]{0,200}?\bdefault\s*=\s*[rbuf]?[\"'](?P<value>[^\"'\n]{1,2000})[\"']"
)
_PLAIN = re.compile(
    rf"(?m)^[ \t+>-]*(?:export\s+|set\s+|ENV\s+|ARG\s+|-\s+)?(?P<name>{_NAME})(?P<op>[ \t]*[:=][ \t]*)"
    r"(?P<value>[^\s\"'#;][^\s#;]*)[ \t]*(?:[#;].*)?$"
)
_FLAG = re.compile(rf"(?:^|\s)--?(?P<name>{_NAME})(?:=|\s+)(?P<value>[^\s\"'-][^\s\"']*|\"[^\"\n]+\"|'[^'\n]+')")
_INLINE = re.compile(rf"(?:^|[\s;&|(])(?:export\s+)?(?P<name>{_NAME})=(?P<value>[^\s\"';&|)]+|\"[^\"\n]*\"|'[^'\n]*')")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, slots=True)
class Found:
    """A secret in a text: what kind, and where; never the value."""

    kind: str
    """`GitHub token`, or `value of api_key` when the name gave it away."""
    line: int
    """Line number from 1."""


def find(text: str, path: str = "") -> list[Found]:
    """Find the secrets of a text, each with its line; `path` tells code, where only literals count, from other text."""
    places = {(start, kind) for start, _, kind in (*spans(text), *_assignments(text, path))}
    found: dict[tuple[int, str], Found] = {}
    line, counted = 1, 0
    for start, kind in sorted(places):
        line, counted = line + text.count("\n", counted, start), start
        found.setdefault((line, kind), Found(kind, line))
    return list(found.values())


def redact_text(text: str) -> tuple[str, tuple[str, ...]]:
    """Cut the secrets out of a text (a URL, a note, a shell command); also gives the kinds that were cut."""
    places = sorted({*spans(text), *_shell(text)})
    pieces, names, position = [], [], 0
    for start, end, kind in places:
        if kind not in names:
            names.append(kind)
        if end <= position:
            continue
        pieces += [text[position : max(start, position)], REDACTED]
        position = end
    return "".join([*pieces, text[position:]]), tuple(names)


def redact_argv(argv: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Cut the secrets out of a command line; also gives what was redacted: `--api-key`, `HF_TOKEN`, `GitHub token`."""
    result: list[str] = []
    names: list[str] = []
    pending = ""
    for argument in argv:
        cut, found, following = _argument(argument, pending, _program(result))
        result.append(cut)
        names += [name for name in found if name not in names]
        pending = following
    return tuple(result), tuple(names)


def redact_values(values: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """Replace the values of a flat mapping that are secrets; also gives their names."""
    result: dict[str, object] = {}
    names: list[str] = []
    for name, value in values.items():
        if is_secret(name, value):
            result[name] = REDACTED
            names.append(name)
        elif isinstance(value, str) and (inner := inside_json(value)):
            result[name] = inner
            names.append(name)
        else:
            result[name] = value
    return result, tuple(names)


def _assignments(text: str, path: str) -> Iterator[tuple[int, int, str]]:
    """Find literals that are assigned to a name that announces a secret."""
    for pattern in (_QUOTED, _PAIR, _OPTION_DEFAULT):
        for match in pattern.finditer(text):
            if _literal(match["name"], match["value"]):
                yield *match.span("value"), f"value of {match['name']}"
    if path.lower().endswith(tuple(_CODE)):
        return
    for match in _PLAIN.finditer(text):
        if by_name(match["name"], match["value"]) and _plain_value(match):
            yield *match.span("value"), f"value of {match['name']}"
    for start, end, kind in _shell(text):
        yield start, end, f"value of {kind}"


def _literal(name: str, value: str) -> bool:
    """Tell whether a quoted text under a name is a secret: a sentence, a path or a format is none."""
    if announces_secret(value):
        return False  # a list of names: "api_key", "access_key"
    if announces_secret(name) == "weak" and value.isalpha() and len(value) < 20 and not name.isupper():  # noqa: PLR2004 - longer than a word
        return False
    return len(value) >= 4 and by_name(name, value) and not re.search(r"\s.*\s|^[A-Z][a-z]+ |%s|\{\w*\}", value)  # noqa: PLR2004 - shorter is no secret


def _plain_value(match: re.Match[str]) -> bool:
    """Tell an unquoted value (`.env`, INI, YAML) from an expression of a language whose ending is not known."""
    value = match["value"].rstrip(",")
    if _IDENTIFIER.fullmatch(value) and "." in value:
        return False  # args.token: an expression, not a value
    if any(sign in value for sign in "()[]{}<>") or value.endswith((":", "\\")):
        return False
    if match["op"].strip() == "=" and match["op"] != "=" and _IDENTIFIER.fullmatch(value):
        return bool(re.search(r"\d", value)) and "." not in value
    return len(value) >= 4  # noqa: PLR2004 - shorter is no secret


def _shell(text: str) -> Iterator[tuple[int, int, str]]:
    """Find `--api-key X` and `KEY=value` inside of a shell command."""
    if len(text) > _LONG_LINE and "\n" not in text:
        return
    for pattern in (_FLAG, _INLINE):
        for match in pattern.finditer(text):
            value = match["value"].strip("\"'")
            if by_name(match["name"], value) and not any(sign in value for sign in "()[]{}"):
                if _IDENTIFIER.fullmatch(value.rstrip(",")) and "." in value:
                    continue  # args.token: an expression, not a value
                yield *match.span("value"), match["name"] if pattern is _INLINE else f"--{match['name']}"


_LOGINS = {
    "sshpass": ("-p",),
    "mysql": ("-p",),
    "mysqldump": ("-p",),
    "mariadb": ("-p",),
    "redis-cli": ("-a",),
    "curl": ("-u", "--user"),
    "smbclient": ("-U",),
    "ldapsearch": ("-w",),
    "mongo": ("-p",),
    "mongosh": ("-p",),
    "docker": ("-p",),
    "podman": ("-p",),
    "htpasswd": ("-b",),
}
_MEANT = re.compile(r"(?=.*[A-Za-z])(?=.*\d)(?=.*[!@#$%^&*?+~])\S{8,}")


def _program(before: Sequence[str]) -> str:
    """Name the program of a command line that takes a password by a short option, as far as it was read."""
    return next((name for name in (a.rpartition("/")[2] for a in before[:6]) if name in _LOGINS), "")


def _argument(argument: str, pending: str, program: str) -> tuple[str, list[str], str]:
    """Redact one argument: gives it cut, the names of what was cut, and the option whose value comes next."""
    if pending and not (argument.startswith("--") and len(argument) > 2):  # noqa: PLR2004 - an option, not a value
        option, _, sure = pending.partition("\0")
        if sure or (_MEANT.fullmatch(argument) if option == "-p" else by_name(option.lstrip("-"), argument)):
            return REDACTED, [option], ""
    name, equals, value = argument.partition("=")
    bare = name.lstrip("-+~")
    if equals and re.fullmatch(r"[\w.\-/@]+", bare):
        if by_name(bare, value) or by_name(bare.rpartition(".")[2], value):
            return f"{name}={REDACTED}", [name], ""
        cut, found = redact_text(value)
        inner = inside_json(cut)
        return f"{name}={inner or cut}", [*found, *([name] if inner else [])], ""
    shorts = _LOGINS.get(program, ())
    if argument in shorts:
        return argument, [], f"{argument}\0sure"
    if argument[:2] in shorts and argument[1:2] != "-" and len(argument) > 2:  # noqa: PLR2004 - -pVALUE
        return argument[:2] + REDACTED, [argument[:2]], ""
    if argument.startswith("-") and (argument == "-p" or announces_secret(bare)):
        return argument, [], argument
    cut, found = redact_text(argument)
    inner = inside_json(cut)
    return inner or cut, [*found, *(["JSON argument"] if inner else [])], ""
