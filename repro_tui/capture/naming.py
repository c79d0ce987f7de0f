"""Names for runs that a person can say aloud: `amber-otter-41`.

The words follow from the run's uid, so every supervisor of a distributed run arrives at the same name without asking.
"""

from __future__ import annotations

from repro_tui.domain.ids import RunId

_ADJECTIVES = """\
able agile airy amber ample azure bold brave breezy bright brisk bronze calm candid cheery civil clear clever copper
coral cosmic cozy crisp deft dusky eager early fair fleet fond fresh frosty gentle glad golden grand happy hardy
hazel ivory jade jolly keen kind lively loyal lucid lunar mellow merry mild misty nimble noble olive opal plucky
polar proud quick quiet rapid ruby rustic sandy serene silver sleek snowy solar solid sunny swift tidy topaz velvet
vivid warm wise witty young zesty
"""

_ANIMALS = """\
adder alpaca auk badger beaver bison bobcat camel caribou civet cobra condor coyote crane cricket curlew deer dingo
dolphin dove eagle egret eland elk falcon ferret finch fox gannet gazelle gecko gibbon goose grouse hare hawk heron
hippo horse husky ibex ibis iguana impala jackal jaguar kestrel kiwi koala lark lemur llama lynx macaw magpie marten
meerkat mole moose newt ocelot orca osprey otter owl panda parrot pelican penguin pigeon plover puffin puma quail
rabbit raven robin salmon seal shrew sparrow stoat stork swan tapir tern tiger toad toucan trout turtle vole walrus
weasel whale wombat wren yak zebra
"""

ADJECTIVES = tuple(_ADJECTIVES.split())
"""Short, friendly, and none that judges a result."""

ANIMALS = tuple(_ANIMALS.split())
"""Short names of animals."""


def name_for(uid: RunId, number: int) -> str:
    """Name a run: two words drawn by its uid, and its number in the project."""
    rest, adjective = divmod(int(uid[:16], 16), len(ADJECTIVES))
    return f"{ADJECTIVES[adjective]}-{ANIMALS[rest % len(ANIMALS)]}-{number}"
