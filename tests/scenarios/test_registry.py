from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from engagement import units
from scenarios.library import registry
from scenarios.library.registry import Chain, IllTyped, Model, Port, Step


def doubled(metres: float) -> Mapping[str, Any]:
    return {"twice": 2 * metres}


DOUBLE = Model("double", "1", {"metres": Port("number", "m")}, {"twice": Port("number", "m")}, "any", "own", doubled)


def test_a_chain_passes_values_under_the_names_it_was_given() -> None:
    chain = Chain(
        {"start": Port("number", "m")},
        (Step(DOUBLE, {"metres": "start"}), Step(DOUBLE, {"metres": "twice"}, {"twice": "end"})),
    )
    assert chain.run({"start": 3.0}) == {"start": 3.0, "twice": 6.0, "end": 12.0}


def test_an_ill_typed_port_is_named_before_anything_runs() -> None:
    chain = Chain({"start": Port("number", "s")}, (Step(DOUBLE, {"metres": "start"}), Step(DOUBLE)))
    with pytest.raises(IllTyped) as refused:
        chain.check()
    assert refused.value.problems == (
        "double expects metres to be number in m; “start” is number in s.",
        "double needs metres (number in m), and nothing before it gives “metres”.",
    )


@pytest.mark.parametrize("model", registry.models().values(), ids=lambda m: m.name)
def test_every_model_says_units_validity_and_source(model: Model) -> None:
    for port in (*model.inputs.values(), *model.outputs.values()):
        if port.unit:
            units.parse(port.unit)
    assert model.validity
    assert model.source
    assert model.version


def test_the_library_holds_the_models_of_the_traffic_chain() -> None:
    assert {"gravity demand", "user equilibrium", "apply measures", "times on empty streets"} <= set(registry.models())
