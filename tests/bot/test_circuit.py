from __future__ import annotations

from bot.circuit import Circuit


def failing(times: int, now: float = 0.0) -> Circuit:
    circuit = Circuit(failures_to_open=3, open_seconds=10)
    for _ in range(times):
        circuit.failed(now)
    return circuit


def test_a_few_failures_leave_it_closed() -> None:
    assert failing(2).allows(0)


def test_it_opens_for_a_while_then_lets_one_trial_through() -> None:
    circuit = failing(3)
    assert not circuit.allows(0)
    assert not circuit.allows(9.9)
    assert circuit.allows(10)
    assert not circuit.allows(10)


def test_a_trial_that_works_closes_it() -> None:
    circuit = failing(3)
    assert circuit.allows(10)
    circuit.succeeded()
    assert circuit.allows(10)
    circuit.failed(10)
    assert circuit.allows(10)


def test_a_trial_that_fails_opens_it_again() -> None:
    circuit = failing(3)
    assert circuit.allows(10)
    circuit.failed(10)
    assert not circuit.allows(19)
    assert circuit.allows(20)


def test_a_trial_nobody_reports_on_does_not_block_it_for_ever() -> None:
    circuit = failing(3)
    assert circuit.allows(10)
    assert circuit.allows(20)
