"""Networks in ONNX that hum: as long as Kokoro or Piper would speak, for as many phonemes.

They take what the real ones take and use it: more phonemes make a longer sound, a higher speed a
shorter one, another voice another pitch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

KOKORO_SAMPLES, PIPER_SAMPLES = 1_500, 1_200
"""Per phoneme: about what a person needs."""


def hum(inputs: list[Any], ids: str, samples: int, speed: str, pitch: list[Any]) -> Any:
    """A model whose sound lasts `samples` for each id, divided by the value named `speed`.

    `pitch` are nodes that end in the value "pitch": radians per sample, a single float.
    """
    from onnx import TensorProto, checker, helper

    def constant(name: str, value: float, kind: int = TensorProto.FLOAT) -> Any:
        tensor = helper.make_tensor(name, kind, [], [value])
        return helper.make_node("Constant", [], [name], value=tensor)

    nodes = [
        *pitch,
        helper.make_node("Size", [ids], ["count"]),
        helper.make_node("Cast", ["count"], ["phonemes"], to=TensorProto.FLOAT),
        constant("samples", samples),
        helper.make_node("Mul", ["phonemes", "samples"], ["normal_length"]),
        helper.make_node("Div", ["normal_length", speed], ["length"]),
        constant("first", 0.0),
        constant("step", 1.0),
        helper.make_node("Range", ["first", "length", "step"], ["at"]),
        helper.make_node("Mul", ["at", "pitch"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["wave"]),
        constant("loudness", 0.3),
        helper.make_node("Mul", ["wave", "loudness"], ["audio"]),
    ]
    audio = helper.make_tensor_value_info("audio", TensorProto.FLOAT, ["length"])
    graph = helper.make_graph(nodes, "hum", inputs, [audio])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    checker.check_model(model)
    return model


def scalar_of(value: str, name: str, index: int) -> list[Any]:
    """Nodes that take one number out of a flattened value."""
    from onnx import TensorProto, helper

    shape = helper.make_tensor(f"{name}_shape", TensorProto.INT64, [1], [-1])
    place = helper.make_tensor(f"{name}_place", TensorProto.INT64, [], [index])
    return [
        helper.make_node("Constant", [], [f"{name}_flat_shape"], value=shape),
        helper.make_node("Reshape", [value, f"{name}_flat_shape"], [f"{name}_flat"]),
        helper.make_node("Constant", [], [f"{name}_index"], value=place),
        helper.make_node("Gather", [f"{name}_flat", f"{name}_index"], [name]),
    ]


def kokoro(folder: Path) -> None:
    """The network and the voices of a model of Kokoro's kind. A voice is its pitch."""
    import onnx
    from onnx import TensorProto, helper

    inputs = [
        helper.make_tensor_value_info("tokens", TensorProto.INT64, [1, "length"]),
        helper.make_tensor_value_info("style", TensorProto.FLOAT, [1, 256]),
        helper.make_tensor_value_info("speed", TensorProto.FLOAT, [1]),
    ]
    nodes = [*scalar_of("style", "pitch", 0), *scalar_of("speed", "pace", 0)]
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(hum(inputs, "tokens", KOKORO_SAMPLES, "pace", nodes), folder / "kokoro-v1.0.onnx")
    voices = {
        name: np.full((510, 1, 256), pitch, np.float32)
        for name, pitch in (
            ("af_heart", 0.06),
            ("af_bella", 0.05),
            ("am_michael", 0.03),
            ("bf_emma", 0.055),
            ("bm_lewis", 0.025),
            ("ff_siwis", 0.045),
        )
    }
    with (folder / "voices-v1.0.bin").open("wb") as file:
        np.savez(file, allow_pickle=False, **voices)


def piper(file: Path, *, speakers: int = 1, language: str = "en_US", reads: str = "text") -> None:
    """A voice of Piper's kind, with its description. It reads letters, as some voices do."""
    import onnx
    from onnx import TensorProto, helper

    inputs = [
        helper.make_tensor_value_info("input", TensorProto.INT64, [1, "length"]),
        helper.make_tensor_value_info("input_lengths", TensorProto.INT64, [1]),
        helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
    ]
    one = helper.make_tensor("one_value", TensorProto.FLOAT, [], [1.0])
    nodes = [
        *scalar_of("scales", "slowness", 1),
        helper.make_node("Constant", [], ["one"], value=one),
        helper.make_node("Div", ["one", "slowness"], ["pace"]),
    ]
    if speakers > 1:
        inputs.append(helper.make_tensor_value_info("sid", TensorProto.INT64, [1]))
        apart = helper.make_tensor("apart_value", TensorProto.FLOAT, [], [0.02])
        nodes += [
            *scalar_of("sid", "speaker", 0),
            helper.make_node("Cast", ["speaker"], ["speaker_float"], to=TensorProto.FLOAT),
            helper.make_node("Add", ["speaker_float", "one"], ["speaker_up"]),
            helper.make_node("Constant", [], ["apart"], value=apart),
            helper.make_node("Mul", ["speaker_up", "apart"], ["pitch"]),
        ]
    else:
        pitch = helper.make_tensor("pitch_value", TensorProto.FLOAT, [], [0.05])
        nodes.append(helper.make_node("Constant", [], ["pitch"], value=pitch))
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(hum(inputs, "input", PIPER_SAMPLES, "pace", nodes), file)
    letters = "_^$ abcdefghijklmnopqrstuvwxyz,.!?'"
    described = {
        "num_symbols": len(letters),
        "num_speakers": speakers,
        "audio": {"sample_rate": 22_050},
        "espeak": {"voice": language.lower().replace("_", "-")},
        "language": {"code": language},
        "phoneme_type": reads,
        "phoneme_id_map": {letter: [number] for number, letter in enumerate(letters)},
        "speaker_id_map": {"ann": 0, "bob": 1} if speakers > 1 else {},
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
    }
    file.with_name(f"{file.name}.json").write_text(json.dumps(described))
