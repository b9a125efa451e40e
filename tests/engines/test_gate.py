from repartee.engines.voice.gate import CALM_WINDOWS, LOOK_EVERY, Gate

ROOM = 1e-5
"""The power of a quiet room, -50 dBFS."""
VOICE = 1e-3


def looks(gate: Gate, power: float, windows: int, probability: float = 0.0) -> int:
    """How many of these windows pass, if the network says this of each that does."""
    passed = 0
    for _ in range(windows):
        if gate.passes(power):
            passed += 1
            gate.judged(probability, power)
    return passed


def test_silence_from_the_start_never_needs_the_network() -> None:
    assert looks(Gate(), 1e-7, 1000) == 0


def test_a_new_sound_is_looked_at_at_once() -> None:
    assert Gate().passes(ROOM)


def test_the_noise_of_a_room_is_looked_at_now_and_then() -> None:
    assert looks(Gate(), ROOM, 100 * LOOK_EVERY) <= 101


def test_familiar_noise_that_grows_louder_is_looked_at_at_once() -> None:
    gate = Gate()
    looks(gate, ROOM, 100)
    assert looks(gate, ROOM * 1.6, 1) == 1


def test_one_knock_does_not_make_loud_sounds_familiar() -> None:
    gate = Gate()
    looks(gate, ROOM, 100)
    gate.judged(0.05, 1.0)
    assert looks(gate, ROOM * 2, 1) == 1


def test_while_somebody_speaks_every_window_passes_even_a_silent_one() -> None:
    gate = Gate()
    looks(gate, VOICE, 10, probability=0.9)
    assert looks(gate, 0.0, CALM_WINDOWS) == CALM_WINDOWS
    assert looks(gate, 0.0, 100) == 0


def test_a_voice_never_becomes_familiar() -> None:
    assert looks(Gate(), VOICE, 500, probability=0.4) == 500
